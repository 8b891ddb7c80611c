import { core as mx } from '../../mlx/index.ts';

// Buffers of caches, `[B, heads, capacity, dims]`. One that is replaced is freed at once: only what nothing else holds is
// written in place, and a copy of all positions for each token would be the larger part of its time.

/** By how many positions buffers grow, so that most tokens are written in place. */
export const STEP = 256;

const WHOLE = new mx.Slice();

/** Those positions; up to the last where `stop` is null. */
export function between(buffer: mx.Array, start: number, stop: number | null): mx.Array {
  return buffer.index(WHOLE, WHOLE, new mx.Slice(start, stop));
}

/** The positions before `end`. */
export function upTo(buffer: mx.Array, end: number): mx.Array {
  return end < (buffer.shape[2] as number) ? between(buffer, 0, end) : buffer;
}

/**
 * The buffer with new positions from `start` on. Not by an array of indices: on a GPU each would be read from the memory of
 * the host, by a kernel of its own.
 */
export function written(buffer: mx.Array, update: mx.Array, start: number): mx.Array {
  const positions = new mx.Slice(start, start + (update.shape[2] as number));
  const next = mx.indexPut(buffer, [WHOLE, WHOLE, positions], update);
  buffer.dispose();
  return next;
}

/** These parts, one after the other, in place of the buffer. */
export function joined(buffer: mx.Array, parts: readonly mx.Array[]): mx.Array {
  const next = mx.concatenate([...parts], 2);
  buffer.dispose();
  return next;
}

/** Unused positions for what is like `update`. */
export function roomFor(update: mx.Array, positions: number): mx.Array {
  const [batch, heads, , dims] = update.shape as [number, number, number, number];
  return mx.zeros([batch, heads, positions, dims], update.dtype);
}

/** The buffer, of which the positions before `start` are in use, with new ones from there on; it grows by steps. */
export function extended(buffer: mx.Array | undefined, update: mx.Array, start: number): mx.Array {
  const length = update.shape[2] as number;
  if (buffer !== undefined && start + length <= (buffer.shape[2] as number)) return written(buffer, update, start);
  const room = roomFor(update, Math.ceil(length / STEP) * STEP);
  return written(buffer === undefined ? room : joined(buffer, [upTo(buffer, start), room]), update, start);
}

export function bytesOf(arrays: readonly mx.Array[]): number {
  return arrays.reduce((sum, array) => sum + array.nbytes, 0);
}
