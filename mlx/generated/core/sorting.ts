// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions } from '../../types.ts';

/** Keywords of `mx.sort`. */
export interface SortOptions extends CallOptions {
  axis?: number | null | undefined;
}

/**
 * The elements in ascending order along an axis, or flattened and sorted.
 *
 * `mx.sort(a, axis = -1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sort.html
 */
export const sort = bind('sort') as {
  (a: array, options?: SortOptions): array;
  (a: array, axis: number | null, options?: CallOptions): array;
};

/** Keywords of `mx.argsort`. */
export interface ArgsortOptions extends CallOptions {
  axis?: number | null | undefined;
}

/**
 * Indices that sort the elements along an axis, or of the flattened tensor, as uint32.
 *
 * `mx.argsort(a, axis = -1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.argsort.html
 */
export const argsort = bind('argsort') as {
  (a: array, options?: ArgsortOptions): array;
  (a: array, axis: number | null, options?: CallOptions): array;
};

/** Keywords of `mx.partition`. */
export interface PartitionOptions extends CallOptions {
  kth: number;
  axis?: number | null | undefined;
}

/**
 * The elements along an axis such that the kth is in its sorted place, smaller ones before it.
 *
 * `mx.partition(a, kth, axis = -1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.partition.html
 */
export const partition = bind('partition') as {
  (a: array, options: PartitionOptions): array;
  (a: array, kth: number, options?: Omit<PartitionOptions, 'kth'>): array;
  (a: array, kth: number, axis: number | null, options?: CallOptions): array;
};

/** Keywords of `mx.argpartition`. */
export interface ArgpartitionOptions extends CallOptions {
  kth: number;
  axis?: number | null | undefined;
}

/**
 * Indices that partition the elements along an axis, as uint32.
 *
 * `mx.argpartition(a, kth, axis = -1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.argpartition.html
 */
export const argpartition = bind('argpartition') as {
  (a: array, options: ArgpartitionOptions): array;
  (a: array, kth: number, options?: Omit<ArgpartitionOptions, 'kth'>): array;
  (a: array, kth: number, axis: number | null, options?: CallOptions): array;
};

/** Keywords of `mx.topk`. */
export interface TopkOptions extends CallOptions {
  k: number;
  axis?: number | null | undefined;
}

/**
 * The k largest elements along an axis, in no order.
 *
 * `mx.topk(a, k, axis = -1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.topk.html
 */
export const topk = bind('topk') as {
  (a: array, options: TopkOptions): array;
  (a: array, k: number, options?: Omit<TopkOptions, 'k'>): array;
  (a: array, k: number, axis: number | null, options?: CallOptions): array;
};

/** Keywords of `mx.searchsorted`. */
export interface SearchsortedOptions extends CallOptions {
  side?: 'left' | 'right' | undefined;
}

/**
 * Where in an ascending vector each value would be put in to keep it sorted, as uint32.
 *
 * `mx.searchsorted(sortedSequence, values, side = 'left')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.searchsorted.html
 */
export const searchsorted = bind('searchsorted') as {
  (sortedSequence: array, values: array, options?: SearchsortedOptions): array;
  (sortedSequence: array, values: array, side: 'left' | 'right', options?: CallOptions): array;
};
