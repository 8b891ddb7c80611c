// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../operations/bind.ts';
import type { array, Axes, CallOptions } from '../types.ts';

/** Keywords of `mx.linalg.norm`. */
export interface NormOptions extends CallOptions {
  ord?: number | string | null | undefined;
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Norm of vectors or matrices over one axis or two; of the flattened tensor by default.
 *
 * `mx.linalg.norm(a, ord = null, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.norm.html
 */
export const norm = bind('linalg.norm') as {
  (a: array, options?: NormOptions): array;
  (a: array, ord: number | string | null, options?: Omit<NormOptions, 'ord'>): array;
  (a: array, ord: number | string | null, axis: Axes | null, options?: Omit<NormOptions, 'ord' | 'axis'>): array;
  (a: array, ord: number | string | null, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/**
 * Orthonormal and upper triangular factors: a = Q R.
 *
 * `mx.linalg.qr(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.qr.html
 */
export const qr = bind('linalg.qr') as (a: array, options?: CallOptions) => [array, array];

/** Keywords of `mx.linalg.svd`. */
export interface SvdOptions extends CallOptions {
  computeUv?: boolean | undefined;
}

/**
 * Singular value decomposition: U, the singular values and V transposed; the values alone without compute_uv.
 *
 * `mx.linalg.svd(a, computeUv = true)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.svd.html
 */
export const svd = bind('linalg.svd') as {
  <const ComputeUv extends boolean = true>(
    a: array,
    options?: SvdOptions & { computeUv?: ComputeUv | undefined },
  ): ComputeUv extends true ? [array, array, array] : array;
  <const ComputeUv extends boolean = true>(
    a: array,
    computeUv: ComputeUv,
    options?: CallOptions,
  ): ComputeUv extends true ? [array, array, array] : array;
};

/**
 * Inverse of square matrices.
 *
 * `mx.linalg.inv(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.inv.html
 */
export const inv = bind('linalg.inv') as (a: array, options?: CallOptions) => array;

/** Keywords of `mx.linalg.triInv`. */
export interface TriInvOptions extends CallOptions {
  upper?: boolean | undefined;
}

/**
 * Inverse of triangular matrices.
 *
 * `mx.linalg.triInv(a, upper = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.tri_inv.html
 */
export const triInv = bind('linalg.tri_inv') as {
  (a: array, options?: TriInvOptions): array;
  (a: array, upper: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.linalg.cholesky`. */
export interface CholeskyOptions extends CallOptions {
  upper?: boolean | undefined;
}

/**
 * Triangular factor of positive definite matrices: a = L L*.
 *
 * `mx.linalg.cholesky(a, upper = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.cholesky.html
 */
export const cholesky = bind('linalg.cholesky') as {
  (a: array, options?: CholeskyOptions): array;
  (a: array, upper: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.linalg.choleskyInv`. */
export interface CholeskyInvOptions extends CallOptions {
  upper?: boolean | undefined;
}

/**
 * Inverse of the matrices whose Cholesky factors are given.
 *
 * `mx.linalg.choleskyInv(a, upper = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.cholesky_inv.html
 */
export const choleskyInv = bind('linalg.cholesky_inv') as {
  (a: array, options?: CholeskyInvOptions): array;
  (a: array, upper: boolean, options?: CallOptions): array;
};

/**
 * Pseudo-inverse (Moore and Penrose) of matrices.
 *
 * `mx.linalg.pinv(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.pinv.html
 */
export const pinv = bind('linalg.pinv') as (a: array, options?: CallOptions) => array;

/** Keywords of `mx.linalg.cross`. */
export interface CrossOptions extends CallOptions {
  axis?: number | undefined;
}

/**
 * Cross product of vectors of two or three components.
 *
 * `mx.linalg.cross(a, b, axis = -1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.cross.html
 */
export const cross = bind('linalg.cross') as {
  (a: array, b: array, options?: CrossOptions): array;
  (a: array, b: array, axis: number, options?: CallOptions): array;
};

/**
 * Eigenvalues of square matrices, as complex64.
 *
 * `mx.linalg.eigvals(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.eigvals.html
 */
export const eigvals = bind('linalg.eigvals') as (a: array, options?: CallOptions) => array;

/**
 * Eigenvalues and eigenvectors of square matrices, as complex64.
 *
 * `mx.linalg.eig(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.eig.html
 */
export const eig = bind('linalg.eig') as (a: array, options?: CallOptions) => [array, array];

/** Keywords of `mx.linalg.eigvalsh`. */
export interface EigvalshOptions extends CallOptions {
  UPLO?: 'L' | 'U' | undefined;
}

/**
 * Eigenvalues of symmetric or Hermitian matrices, ascending.
 *
 * `mx.linalg.eigvalsh(a, UPLO = 'L')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.eigvalsh.html
 */
export const eigvalsh = bind('linalg.eigvalsh') as {
  (a: array, options?: EigvalshOptions): array;
  (a: array, UPLO: 'L' | 'U', options?: CallOptions): array;
};

/** Keywords of `mx.linalg.eigh`. */
export interface EighOptions extends CallOptions {
  UPLO?: 'L' | 'U' | undefined;
}

/**
 * Eigenvalues, ascending, and eigenvectors of symmetric or Hermitian matrices.
 *
 * `mx.linalg.eigh(a, UPLO = 'L')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.eigh.html
 */
export const eigh = bind('linalg.eigh') as {
  (a: array, options?: EighOptions): [array, array];
  (a: array, UPLO: 'L' | 'U', options?: CallOptions): [array, array];
};

/**
 * Row pivots, lower and upper triangular factors of matrices.
 *
 * `mx.linalg.lu(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.lu.html
 */
export const lu = bind('linalg.lu') as (a: array, options?: CallOptions) => [array, array, array];

/**
 * Both triangular factors in one matrix, and the pivots.
 *
 * `mx.linalg.luFactor(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.lu_factor.html
 */
export const luFactor = bind('linalg.lu_factor') as (a: array, options?: CallOptions) => [array, array];

/**
 * The solution x of a x = b for square matrices a.
 *
 * `mx.linalg.solve(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.solve.html
 */
export const solve = bind('linalg.solve') as (a: array, b: array, options?: CallOptions) => array;

/** Keywords of `mx.linalg.solveTriangular`. */
export interface SolveTriangularOptions extends CallOptions {
  upper?: boolean | undefined;
}

/**
 * The solution x of a x = b for triangular matrices a.
 *
 * `mx.linalg.solveTriangular(a, b, { upper = false })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.solve_triangular.html
 */
export const solveTriangular = bind('linalg.solve_triangular') as (
  a: array,
  b: array,
  options?: SolveTriangularOptions,
) => array;

/**
 * Determinant of square matrices.
 *
 * `mx.linalg.det(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.det.html
 */
export const det = bind('linalg.det') as (a: array, options?: CallOptions) => array;

/**
 * Sign and logarithm of the absolute determinant of square matrices.
 *
 * `mx.linalg.slogdet(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linalg.slogdet.html
 */
export const slogdet = bind('linalg.slogdet') as (a: array, options?: CallOptions) => [array, array];
