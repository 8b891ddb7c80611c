import { asciiSubscripts, filledOperands, tensordotAxes } from '../arguments/preconditions/linalg.ts';
import { filledInTrace } from '../arguments/preconditions/precondition.ts';
import { withinBatches, withinInner } from '../arguments/preconditions/quantized.ts';
import { onMatrix } from '../arguments/preconditions/shape.ts';
import type { Operation } from '../operation.ts';
import { any, array, axis, bool, dtype, float, indices, int, string } from '../parameters.ts';
import { family, sample, special } from './entry.ts';
import { INTEGERS, NO_RULE } from './gradients.ts';

const op = family('linalg');

/** Products of matrices and vectors in `mlx.core` itself. */
export const products: readonly Operation[] = [
  op('matmul', [array('a'), array('b')], {
    doc: 'Matrix product over the last two axes, the others broadcast; vectors are taken as rows and columns.',
    operator: '__matmul__',
    inPlace: 'all',
    sample: sample('matmul', 'inexact', 'finite'),
  }),
  op('addmm', [array('c'), array('a'), array('b'), float('alpha', 1), float('beta', 1)], {
    doc: 'Matrix product with a tensor added: alpha * (a @ b) + beta * c.',
    limits: ['addmm-factors'],
    sample: special('addmm', 'a (..., m, k) and b (..., k, n); c broadcasts to (..., m, n)', 'inexact', 'finite'),
  }),
  op('inner', [array('a'), array('b')], {
    doc: 'Sum of products over the last axis of both.',
    sample: special('inner', 'both of rank 0 or one last size', 'inexact', 'finite'),
  }),
  op('outer', [array('a'), array('b')], {
    doc: 'Product of every element of one with every element of the other, both flattened.',
    sample: special('outer', 'two tensors of any shape, up to 64 elements each', 'all', 'finite'),
  }),
  op('vecdot', [array('a'), array('b'), axis('axis', -1, { keywordOnly: true })], {
    doc: 'Sum of products along an axis, the first conjugated.',
    sample: sample('same-shape', 'all', 'finite'),
  }),
  op('tensordot', [array('a'), array('b'), any('axes', 2, { type: 'number | readonly (readonly number[])[]' })], {
    doc: 'Sum of products over so many last and first axes, or over two lists of axes.',
    native: { lowering: ['tensordot', 'tensordot_axis'] },
    preconditions: [tensordotAxes],
    sample: special('tensordot', 'the contracted axes of a and b have the same sizes, in order', 'inexact', 'finite'),
  }),
  op('kron', [array('a'), array('b')], {
    doc: 'Kronecker product: a block of b for each element of a.',
    sample: special('kron', 'two tensors of rank 0 to 3 and at most 16 elements', 'all', 'finite'),
  }),
  op('einsum', [string('subscripts'), array('operands', undefined, { variadic: true })], {
    doc: 'Sum of products in the notation of Einstein: "ij,jk->ik" is the matrix product.',
    preconditions: [asciiSubscripts, filledOperands],
    sample: special('einsum', 'a valid subscript for 1 to 3 tensors of rank 0 to 3', 'inexact', 'finite'),
  }),
  op('einsum_path', [string('subscripts'), array('operands', undefined, { variadic: true })], {
    doc: 'Order of contractions that einsum takes, as lists of operands, with a text about its cost.',
    result: 'any',
    returns: '[path: number[][], text: string]',
    gradient: INTEGERS,
    preconditions: [asciiSubscripts],
    sample: {
      generator: 'none',
      dtypes: 'float32',
      values: 'any',
      constraint: 'gives no tensor: tests/calls/einsum-path.test.ts compares the backends',
    },
  }),
  op('trace', [array('a'), int('offset', 0), axis('axis1', 0), axis('axis2', 1), dtype('dtype', null)], {
    doc: 'Sum along a diagonal of the matrices that two axes make.',
    native: { lowering: ['trace_axes'] },
    preconditions: [onMatrix, filledInTrace('a')],
    sample: special('trace', 'rank 2 or more; two different axes', 'all', 'finite'),
  }),
  op(
    'block_masked_mm',
    [
      array('a'),
      array('b'),
      int('block_size', 64, { type: '32 | 64' }),
      array('mask_out', null),
      array('mask_lhs', null),
      array('mask_rhs', null),
    ],
    {
      doc: 'Matrix product in blocks of 32 or 64, of which a mask of the result or of an operand leaves some out.',
      hazard: 'masks smaller than the blocks read out of bounds',
      sample: special(
        'block_masked_mm',
        'matrices up to 80 by 80; masks are bool with one element for each block',
        'float32',
        'finite',
      ),
    },
  ),
  op(
    'gather_mm',
    [
      array('a'),
      array('b'),
      indices('lhs_indices', null),
      indices('rhs_indices', null),
      bool('sorted_indices', false, { keywordOnly: true }),
    ],
    {
      doc: 'Matrix products of the batches that two index tensors pick.',
      python: 'mlx_router_worker.workarounds.clamped_indices:gather_mm',
      preconditions: [withinBatches(['lhs_indices', 'a'], ['rhs_indices', 'b']), filledInTrace('a', 'b')],
      sample: special(
        'gather_mm',
        'a (..., m, k), b (..., k, n); uint32 indices into the flattened batches',
        'float32',
        'finite',
      ),
    },
  ),
  op('segmented_mm', [array('a'), array('b'), indices('segments')], {
    doc: 'One matrix product for each range of the inner axis that the segments give.',
    python: 'mlx_router_worker.workarounds.clamped_indices:segmented_mm',
    gradient: NO_RULE,
    preconditions: [withinInner],
    sample: special(
      'segmented_mm',
      'a (m, k), b (k, n); segments (..., 2) of uint32, start <= stop <= k',
      'float',
      'finite',
    ),
  }),
];
