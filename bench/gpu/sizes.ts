import type { BlockShape } from '../workloads/transformer.ts';

/** How large the work of the rows is. Both sides get it as JSON in a variable. */
export interface Sizes {
  /** Rows of the square matrices that are multiplied, of those of softmax, and of those in loops over memory. */
  readonly product: number;
  readonly softmax: number;
  readonly loop: number;
  /** Queries of [batch, heads, length, width]. */
  readonly attention: readonly [number, number, number, number];
  readonly smallBlock: BlockShape;
  readonly largeBlock: BlockShape;
  /** float32 numbers that are made an array of, and read from one. */
  readonly floats: number;
}

export const SIZES_VARIABLE = 'MLX_ROUTER_BENCH_SIZES';

export const FULL: Sizes = {
  product: 8192,
  softmax: 4096,
  loop: 4096,
  attention: [4, 16, 2048, 64],
  smallBlock: { batch: 4, length: 64, width: 128, heads: 4 },
  largeBlock: { batch: 8, length: 1024, width: 1024, heads: 16 },
  floats: 64 * 2 ** 20,
};

/** For a test on a CPU. */
export const TINY: Sizes = {
  product: 64,
  softmax: 64,
  loop: 64,
  attention: [1, 2, 32, 16],
  smallBlock: { batch: 1, length: 8, width: 16, heads: 2 },
  largeBlock: { batch: 2, length: 16, width: 32, heads: 2 },
  floats: 4096,
};
