import { core as mx, registry } from '../../mlx/index.ts';
import type { Operation } from '../../registry/operation.ts';
import type { Parameter } from '../../registry/parameters.ts';

/** One call of an operation with arguments that mostly make no sense, and how to run it. */
export interface HostileCall {
  readonly text: string;
  run(): unknown;
}

/** A small generator of its own, so that a seed gives the same calls everywhere. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

const TENSORS = [
  () => mx.array(1.5),
  () => mx.array([1, 2, 3]),
  () => mx.zeros([0]),
  () => mx.zeros([0, 3]),
  () => mx.ones([2, 3, 3]),
  () => mx.ones([1, 4, 4, 2]),
  () =>
    mx.array(
      [
        [1, 2],
        [3, 4],
      ],
      mx.int32,
    ),
  () => mx.array([true, false]),
  () => mx.array([mx.Complex(1, 2)]),
  () => mx.ones([2, 2]).index(0),
  () => mx.array([1, 2], mx.float16),
  () => mx.array(new Float64Array([1, Number.NaN])),
  // Layouts: reversed, broadcast, transposed, empty and not row-major, parts of a whole, steps over elements.
  () => mx.ones([3, 4]).index('::-1, ::-1'),
  () => mx.flip(mx.ones([2, 3, 3], mx.int32), 1),
  () => mx.broadcastTo(mx.array(2), [3, 3]),
  () => mx.ones([4, 3]).T,
  () => mx.zeros([2, 0, 3]).transpose([2, 1, 0]),
  () => mx.broadcastTo(mx.zeros([1, 0, 1]), [2, 0, 4]),
  () => mx.split(mx.ones([4, 4]), 2, 1)[1] as InstanceType<typeof mx.array>,
  () => mx.ones([6, 6]).index('1::2, ::3'),
  () => mx.array([2 ** 31 - 1, -(2 ** 31)], mx.int32),
  () => mx.array([2 ** 32 - 1, 0], mx.uint32),
  () => mx.array([255, 0, 7], mx.uint8),
  () => mx.array([Number.POSITIVE_INFINITY, Number.NaN, -0]),
  () => mx.asStrided(mx.ones([8]), [3, 3], [1, -1], 4),
];
const INTEGERS = [0, 1, -1, 2, 5, -7, -(2 ** 31), 300];
const AXES = [...INTEGERS, 2 ** 31 - 1];
const NUMBERS = [0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 0.5, 2 ** 40];
const SCALARS = [1, -0, 2.5, Number.NaN, 300n, true, mx.Complex(1, 2), 1e30];
const SHAPES = [[], [0], [-1], [2, -3], [2 ** 31 - 1, 2 ** 31 - 1], [3], [2, 3], [6], [-1, -1], [0, -1], [1, 1, 1, 1]];
const INDICES = [0, -1, [0], [[0, 1]], [], [5], [2 ** 31 - 1], [-100], 0.5, [[0], [1, 2]]];
const WORDS = ['', 'x', '%n%s', 'valid', 'fro', 'edge'];
const INDEX_PARTS = [[0], ['...'], [null, 0], ['::-1'], [mx.Slice(2 ** 31 - 1, -(2 ** 31), 3)], [[0, 0]], ['0:0'], [9]];
const ANYTHING = [
  null,
  1,
  'x',
  [1, 2],
  {},
  [[1, 1]],
  0,
  [2 ** 31 - 1],
  true,
  10n ** 30n,
  [
    [0, 1],
    [1, 0],
  ],
];
const DTYPES = [mx.float32, mx.int32, mx.bool, mx.uint8, mx.int64, mx.complex64, mx.float64, mx.bfloat16];

export function hostileCall(operation: Operation, next: () => number): HostileCall {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const tensor = () => pick(TENSORS)();
  const argument = ({ kind, nullable, choices }: Parameter): unknown => {
    if (nullable && next() < 0.3) return null;
    // Now and then what belongs to another parameter.
    if (next() < 0.1) return pick(ANYTHING);
    switch (kind) {
      case 'array':
        return tensor();
      case 'operand':
      case 'value':
        return next() < 0.6 ? tensor() : pick(SCALARS);
      case 'indices':
        return pick(INDICES);
      case 'arrays':
        return pick([[], [tensor()], [tensor(), tensor()]]);
      case 'key':
        return pick([null, mx.random.key(1), tensor()]);
      case 'int':
        return pick(INTEGERS);
      case 'axis':
        return pick(AXES);
      case 'axes':
      case 'ints':
        return pick<unknown>([pick(AXES), [], [0], [0, 1], [0, 0], [-1], [7], [2 ** 31 - 1]]);
      case 'float':
      case 'number':
        return pick(NUMBERS);
      case 'bool':
        return next() < 0.5;
      case 'string':
        return pick(choices ?? WORDS);
      case 'shape':
        return pick(SHAPES);
      case 'pair':
        return pick<unknown>([0, 1, -1, [1, 2], [0, 0], 2 ** 31 - 1]);
      case 'dtype':
        return pick(DTYPES);
      case 'index':
        return pick(INDEX_PARTS);
      default:
        return next() < 0.5 ? pick(ANYTHING) : tensor();
    }
  };
  const name = operation.namespace === '' ? operation.name : `${operation.namespace}.${operation.name}`;
  const args = operation.parameters.filter(({ keywordOnly }) => !keywordOnly).map(argument);
  return { text: `${name}(${args.map(describe).join(', ')})`, run: () => registry.call(name, ...args) };
}

function describe(value: unknown): string {
  if (value instanceof mx.array) return `${value.dtype.name}[${value.shape}]`;
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
