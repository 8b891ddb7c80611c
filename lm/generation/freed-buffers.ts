import { core as mx } from '../../mlx/index.ts';

/** Less than this many bytes of freed buffers are no matter. */
const LEAST = 2 ** 24;

/**
 * What MLX keeps of freed buffers while an answer is written. It keeps them for arrays of the same sizes, but attention
 * over a growing cache has buffers of a new size at each token, which nothing uses again.
 */
export class FreedBuffers {
  /** The least that a step has left behind, in bytes: what steps use over and over. */
  #ofStep = Number.POSITIVE_INFINITY;
  #isEmpty = true;

  /** To be called after each step: gives the memory back when most of it is of no use. */
  trim(): void {
    const kept = mx.getCacheMemory();
    if (this.#isEmpty) this.#ofStep = Math.min(this.#ofStep, kept);
    this.#isEmpty = kept > Math.max(LEAST, 2 * this.#ofStep);
    if (this.#isEmpty) mx.clearCache();
  }
}
