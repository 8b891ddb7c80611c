import type { Operation } from '../operation.ts';
import { array, dtype, group, int, shape } from '../parameters.ts';
import { family } from './entry.ts';

const op = family('distributed', 'distributed');

const inGroup = group('group', null, { keywordOnly: true });
const row = {
  pythonReason: 'A worker would be a process of its own in the group; the group has this process as its member.',
  sample: {
    generator: 'none',
    dtypes: 'all',
    values: 'any',
    constraint: 'needs several processes: tests/evaluation/distributed.test.ts starts four',
  },
} as const;

export const distributed: readonly Operation[] = [
  op('all_sum', [array('x'), inGroup], {
    doc: 'Sum of the tensors that the processes of the group give, in all of them.',
    example: [
      'const group = mx.distributed.init(); // alone, where no launcher started several',
      'console.log(mx.distributed.allSum(mx.array([1, 2]), { group }).tolist()); // → [ 1, 2 ]',
    ],
    ...row,
  }),
  op('all_max', [array('x'), inGroup], {
    doc: 'Largest elements of the tensors that the processes of the group give, in all of them.',
    ...row,
  }),
  op('all_min', [array('x'), inGroup], {
    doc: 'Smallest elements of the tensors that the processes of the group give, in all of them.',
    ...row,
  }),
  op('all_gather', [array('x'), inGroup], {
    doc: 'Tensors of the processes of the group, of one shape, joined along the first axis.',
    ...row,
  }),
  op('send', [array('x'), int('dst'), inGroup], {
    doc: 'The tensor itself, which goes to the process of rank dst when it is computed.',
    ...row,
  }),
  op('recv', [shape('shape'), dtype('dtype'), int('src'), inGroup], {
    doc: 'Tensor of the given shape and dtype that the process of rank src sends.',
    ...row,
  }),
  op('recv_like', [array('x'), int('src'), inGroup], {
    doc: 'Tensor of the shape and dtype of another that the process of rank src sends.',
    ...row,
  }),
  op('sum_scatter', [array('x'), inGroup], {
    doc: 'Share of each process in the sum of all tensors, cut along the first axis; NCCL alone has it.',
    ...row,
  }),
];
