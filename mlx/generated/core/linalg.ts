// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions, DtypeLike, Indices } from '../../types.ts';

/**
 * Matrix product over the last two axes, the others broadcast; vectors are taken as rows and columns.
 *
 * `mx.matmul(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.matmul.html
 */
export const matmul = bind('matmul') as (a: array, b: array, options?: CallOptions) => array;

/** Keywords of `mx.addmm`. */
export interface AddmmOptions extends CallOptions {
  alpha?: number | undefined;
  beta?: number | undefined;
}

/**
 * Matrix product with a tensor added: alpha * (a @ b) + beta * c.
 *
 * `mx.addmm(c, a, b, alpha = 1, beta = 1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.addmm.html
 */
export const addmm = bind('addmm') as {
  (c: array, a: array, b: array, options?: AddmmOptions): array;
  (c: array, a: array, b: array, alpha: number, options?: Omit<AddmmOptions, 'alpha'>): array;
  (c: array, a: array, b: array, alpha: number, beta: number, options?: CallOptions): array;
};

/**
 * Sum of products over the last axis of both.
 *
 * `mx.inner(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.inner.html
 */
export const inner = bind('inner') as (a: array, b: array, options?: CallOptions) => array;

/**
 * Product of every element of one with every element of the other, both flattened.
 *
 * `mx.outer(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.outer.html
 */
export const outer = bind('outer') as (a: array, b: array, options?: CallOptions) => array;

/** Keywords of `mx.vecdot`. */
export interface VecdotOptions extends CallOptions {
  axis?: number | undefined;
}

/**
 * Sum of products along an axis, the first conjugated.
 *
 * `mx.vecdot(a, b, { axis = -1 })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.vecdot.html
 */
export const vecdot = bind('vecdot') as (a: array, b: array, options?: VecdotOptions) => array;

/** Keywords of `mx.tensordot`. */
export interface TensordotOptions extends CallOptions {
  axes?: number | readonly (readonly number[])[] | undefined;
}

/**
 * Sum of products over so many last and first axes, or over two lists of axes.
 *
 * `mx.tensordot(a, b, axes = 2)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.tensordot.html
 */
export const tensordot = bind('tensordot') as {
  (a: array, b: array, options?: TensordotOptions): array;
  (a: array, b: array, axes: number | readonly (readonly number[])[], options?: CallOptions): array;
};

/**
 * Kronecker product: a block of b for each element of a.
 *
 * `mx.kron(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.kron.html
 */
export const kron = bind('kron') as (a: array, b: array, options?: CallOptions) => array;

/** Keywords of `mx.einsum`. */
export interface EinsumOptions extends CallOptions {
  subscripts: string;
}

/**
 * Sum of products in the notation of Einstein: "ij,jk->ik" is the matrix product.
 *
 * `mx.einsum(subscripts, ...operands)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.einsum.html
 */
export const einsum = bind('einsum') as {
  (subscripts: string, ...operands: array[]): array;
  (subscripts: string, ...operandsAndOptions: [...operands: array[], options: CallOptions]): array;
};

/** Keywords of `mx.einsumPath`. */
export interface EinsumPathOptions extends CallOptions {
  subscripts: string;
}

/**
 * Order of contractions that einsum takes, as lists of operands, with a text about its cost.
 *
 * `mx.einsumPath(subscripts, ...operands)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.einsum_path.html
 */
export const einsumPath = bind('einsum_path') as {
  (subscripts: string, ...operands: array[]): [path: number[][], text: string];
  (
    subscripts: string,
    ...operandsAndOptions: [...operands: array[], options: CallOptions]
  ): [path: number[][], text: string];
};

/** Keywords of `mx.trace`. */
export interface TraceOptions extends CallOptions {
  offset?: number | undefined;
  axis1?: number | undefined;
  axis2?: number | undefined;
  dtype?: DtypeLike | null | undefined;
}

/**
 * Sum along a diagonal of the matrices that two axes make.
 *
 * `mx.trace(a, offset = 0, axis1 = 0, axis2 = 1, dtype = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.trace.html
 */
export const trace = bind('trace') as {
  (a: array, options?: TraceOptions): array;
  (a: array, offset: number, options?: Omit<TraceOptions, 'offset'>): array;
  (a: array, offset: number, axis1: number, options?: Omit<TraceOptions, 'offset' | 'axis1'>): array;
  (
    a: array,
    offset: number,
    axis1: number,
    axis2: number,
    options?: Omit<TraceOptions, 'offset' | 'axis1' | 'axis2'>,
  ): array;
  (a: array, offset: number, axis1: number, axis2: number, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Keywords of `mx.blockMaskedMm`. */
export interface BlockMaskedMmOptions extends CallOptions {
  blockSize?: 32 | 64 | undefined;
  maskOut?: array | null | undefined;
  maskLhs?: array | null | undefined;
  maskRhs?: array | null | undefined;
}

/**
 * Matrix product in blocks of 32 or 64, of which a mask of the result or of an operand leaves some out.
 *
 * `mx.blockMaskedMm(a, b, blockSize = 64, maskOut = null, maskLhs = null, maskRhs = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.block_masked_mm.html
 */
export const blockMaskedMm = bind('block_masked_mm') as {
  (a: array, b: array, options?: BlockMaskedMmOptions): array;
  (a: array, b: array, blockSize: 32 | 64, options?: Omit<BlockMaskedMmOptions, 'blockSize'>): array;
  (
    a: array,
    b: array,
    blockSize: 32 | 64,
    maskOut: array | null,
    options?: Omit<BlockMaskedMmOptions, 'blockSize' | 'maskOut'>,
  ): array;
  (
    a: array,
    b: array,
    blockSize: 32 | 64,
    maskOut: array | null,
    maskLhs: array | null,
    options?: Omit<BlockMaskedMmOptions, 'blockSize' | 'maskOut' | 'maskLhs'>,
  ): array;
  (
    a: array,
    b: array,
    blockSize: 32 | 64,
    maskOut: array | null,
    maskLhs: array | null,
    maskRhs: array | null,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.gatherMm`. */
export interface GatherMmOptions extends CallOptions {
  lhsIndices?: Indices | null | undefined;
  rhsIndices?: Indices | null | undefined;
  sortedIndices?: boolean | undefined;
}

/**
 * Matrix products of the batches that two index tensors pick.
 *
 * `mx.gatherMm(a, b, lhsIndices = null, rhsIndices = null, { sortedIndices = false })`
 */
export const gatherMm = bind('gather_mm') as {
  (a: array, b: array, options?: GatherMmOptions): array;
  (a: array, b: array, lhsIndices: Indices | null, options?: Omit<GatherMmOptions, 'lhsIndices'>): array;
  (
    a: array,
    b: array,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    options?: Omit<GatherMmOptions, 'lhsIndices' | 'rhsIndices'>,
  ): array;
};

/** Keywords of `mx.segmentedMm`. */
export interface SegmentedMmOptions extends CallOptions {
  segments: Indices;
}

/**
 * One matrix product for each range of the inner axis that the segments give.
 *
 * `mx.segmentedMm(a, b, segments)`
 */
export const segmentedMm = bind('segmented_mm') as {
  (a: array, b: array, options: SegmentedMmOptions): array;
  (a: array, b: array, segments: Indices, options?: CallOptions): array;
};
