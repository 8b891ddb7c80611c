import { filled, positive } from '../arguments/preconditions/precondition.ts';
import { narrow, packed, scalesGiven, withinBatches } from '../arguments/preconditions/quantized.ts';
import type { Operation } from '../operation.ts';
import { array, bool, dtype, indices, int, string } from '../parameters.ts';
import { family, special } from './entry.ts';
import { piecewise, STEPS } from './gradients.ts';

const op = family('quantized');

const MODES = ['affine', 'mxfp4', 'mxfp8', 'nvfp4'];
const groupSize = int('group_size', null);
const bits = int('bits', null);
const affine = string('mode', 'affine', { choices: MODES });
const nvfp4 = string('mode', 'nvfp4', { choices: MODES });
const sorted = bool('sorted_indices', false, { keywordOnly: true });
const transpose = bool('transpose', true);
const scales = [array('scales'), array('biases', null)];
const batches = [indices('lhs_indices', null), indices('rhs_indices', null)];
const globalScales = [array('global_scale_x', null), array('global_scale_w', null)];

const picked = withinBatches(['lhs_indices', 'x'], ['rhs_indices', 'w']);
const byScales = piecewise('by the scales and biases');
const quantizedBy = 'w, scales and biases come from quantize with the same group_size, bits and mode';

export const quantized: readonly Operation[] = [
  op('quantize', [array('w'), groupSize, bits, affine, array('global_scale', null, { keywordOnly: true })], {
    doc: 'A matrix quantized in groups along its last axis: packed weights, scales and, in affine mode, biases.',
    result: 'arrays',
    returns: "Mode extends 'affine' ? [array, array, array] : [array, array]",
    returnsBy: 'mode',
    gradient: piecewise('not where a group takes another code'),
    example: [
      'const [weights, scales] = mx.quantize(mx.ones([4, 64]));',
      'console.log(weights?.dtype, scales?.shape); // → mlx.core.uint32 [ 4, 1 ]',
    ],
    preconditions: [positive('group_size', 'bits'), filled('w'), narrow('w')],
    sample: special(
      'quantize',
      'rank 2 or more, last axis a multiple of group_size (32, 64 or 128)',
      'narrow',
      'finite',
    ),
  }),
  op(
    'dequantize',
    [array('w'), ...scales, groupSize, bits, affine, array('global_scale', null), dtype('dtype', null)],
    {
      doc: 'The matrix that quantize packed, with the loss of the quantization.',
      gradient: byScales,
      preconditions: packed,
      sample: special('dequantize', quantizedBy, 'narrow', 'finite'),
    },
  ),
  op('quantized_matmul', [array('x'), array('w'), ...scales, transpose, groupSize, bits, affine], {
    doc: 'Matrix product with a quantized matrix, transposed by default.',
    gradient: byScales,
    preconditions: packed,
    sample: special('quantized_matmul', quantizedBy, 'narrow', 'finite'),
  }),
  op('gather_qmm', [array('x'), array('w'), ...scales, ...batches, transpose, groupSize, bits, affine, sorted], {
    doc: 'Matrix products with quantized matrices, of the batches that two index tensors pick.',
    python: 'mlx_router_worker.workarounds.clamped_indices:gather_qmm',
    gradient: byScales,
    preconditions: [...packed, picked],
    sample: special('gather_qmm', `${quantizedBy}; uint32 indices into the flattened batches`, 'narrow', 'finite'),
  }),
  op('qqmm', [array('x'), array('w'), array('scales', null), groupSize, bits, nvfp4, ...globalScales], {
    doc: 'Matrix product with a quantized matrix, the other operand quantized on the way.',
    gradient: STEPS,
    preconditions: [...packed, narrow('x'), narrow('w')],
    sample: special('qqmm', `${quantizedBy}; x is one row: the CPU has no other kernel`, 'narrow', 'finite'),
  }),
  op(
    'gather_qqmm',
    [array('x'), array('w'), array('scales', null), ...batches, groupSize, bits, nvfp4, ...globalScales, sorted],
    {
      doc: 'As qqmm, of the batches that two index tensors pick.',
      python: 'mlx_router_worker.workarounds.clamped_indices:gather_qqmm',
      gradient: STEPS,
      preconditions: [scalesGiven, ...packed, picked],
      sample: { generator: 'none', dtypes: 'narrow', values: 'finite', constraint: 'the CPU has no kernel' },
    },
  ),
];
