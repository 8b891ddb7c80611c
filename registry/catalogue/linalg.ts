import { nonEmptyMatrix, order } from '../arguments/preconditions/linalg.ts';
import type { Operation } from '../operation.ts';
import { any, array, axes, axis, bool, type Parameter, string } from '../parameters.ts';
import type { Generator } from '../sample.ts';
import { family, type Row, sample, special } from './entry.ts';
import { NO_RULE, NOT_AT_ZERO, SMOOTH } from './gradients.ts';

const op = family('linalg', 'linalg');

const pair = { result: 'arrays', returns: '[array, array]' } as const;
const triple = { result: 'arrays', returns: '[array, array, array]' } as const;
const onElements = { preconditions: [nonEmptyMatrix] };
const ofTriangle: Partial<Row> = { limits: ['mapped-triangle'] };
const triangle = bool('upper', false);
const uplo = string('UPLO', 'L', { choices: ['L', 'U'] });

/** An operation on (…, n, n) or (…, m, n) matrices that LAPACK does; of most MLX has no derivative. */
function lapack(
  name: string,
  doc: string,
  generator: Generator,
  row: Partial<Row> = {},
  more: readonly Parameter[] = [],
): Operation {
  return op(name, [array('a'), ...more], {
    doc,
    gradient: NO_RULE,
    sample: sample(generator, 'lapack', 'finite'),
    ...row,
  });
}

function complex(generator: Generator) {
  return { sample: sample(generator, 'lapack-complex', 'finite') };
}

export const linalg: readonly Operation[] = [
  op('norm', [array('a'), any('ord', null, { type: 'number | string' }), axes('axis', null), bool('keepdims', false)], {
    doc: 'Norm of vectors or matrices over one axis or two; of the flattened tensor by default.',
    native: { lowering: ['linalg_norm_l2', 'linalg_norm_matrix', 'linalg_norm'] },
    example: ['const a = mx.array([[3, 0], [0, 4]]);', 'console.log(mx.linalg.norm(a).item()); // → 5'],
    gradient: NOT_AT_ZERO,
    preconditions: [order],
    sample: special(
      'norm',
      'ord a number, Infinity, "fro", "nuc" or null; one axis or two different ones, or null',
      'all',
      'finite',
    ),
  }),
  lapack('qr', 'Orthonormal and upper triangular factors: a = Q R.', 'matrix', pair),
  lapack(
    'svd',
    'Singular value decomposition: U, the singular values and V transposed; the values alone without compute_uv.',
    'matrix',
    {
      result: 'any',
      returns: 'ComputeUv extends true ? [array, array, array] : array',
      returnsBy: 'compute_uv',
      native: { lowering: ['linalg_svd'] },
      ...complex('matrix'),
    },
    [bool('compute_uv', true)],
  ),
  lapack('inv', 'Inverse of square matrices.', 'square', onElements),
  lapack('tri_inv', 'Inverse of triangular matrices.', 'square', { ...onElements, ...ofTriangle }, [triangle]),
  lapack('cholesky', 'Triangular factor of positive definite matrices: a = L L*.', 'positive-definite', {}, [triangle]),
  lapack(
    'cholesky_inv',
    'Inverse of the matrices whose Cholesky factors are given.',
    'positive-definite',
    { ...onElements, ...ofTriangle },
    [triangle],
  ),
  lapack('pinv', 'Pseudo-inverse (Moore and Penrose) of matrices.', 'matrix'),
  op('cross', [array('a'), array('b'), axis('axis', -1)], {
    doc: 'Cross product of vectors of two or three components.',
    sample: special('cross', 'both broadcast together, with 2 or 3 elements along axis', 'all', 'finite'),
  }),
  lapack('eigvals', 'Eigenvalues of square matrices, as complex64.', 'square', complex('square')),
  lapack('eig', 'Eigenvalues and eigenvectors of square matrices, as complex64.', 'square', {
    ...pair,
    ...complex('square'),
  }),
  lapack('eigvalsh', 'Eigenvalues of symmetric or Hermitian matrices, ascending.', 'symmetric', complex('symmetric'), [
    uplo,
  ]),
  lapack(
    'eigh',
    'Eigenvalues, ascending, and eigenvectors of symmetric or Hermitian matrices.',
    'symmetric',
    { ...pair, ...complex('symmetric') },
    [uplo],
  ),
  lapack('lu', 'Row pivots, lower and upper triangular factors of matrices.', 'square', { ...triple, ...onElements }),
  lapack('lu_factor', 'Both triangular factors in one matrix, and the pivots.', 'square', { ...pair, ...onElements }),
  op('solve', [array('a'), array('b')], {
    doc: 'The solution x of a x = b for square matrices a.',
    gradient: NO_RULE,
    ...onElements,
    sample: special('solve', 'a (..., n, n) well conditioned; b (n) or (..., n, k)', 'lapack', 'finite'),
  }),
  op('solve_triangular', [array('a'), array('b'), bool('upper', false, { keywordOnly: true })], {
    doc: 'The solution x of a x = b for triangular matrices a.',
    gradient: NO_RULE,
    ...onElements,
    ...ofTriangle,
    sample: special('solve_triangular', 'a (..., n, n) well conditioned; b (n) or (..., n, k)', 'lapack', 'finite'),
  }),
  lapack('det', 'Determinant of square matrices.', 'square', { gradient: SMOOTH }),
  lapack('slogdet', 'Sign and logarithm of the absolute determinant of square matrices.', 'square', {
    ...pair,
    gradient: SMOOTH,
  }),
];
