import { Slice } from '../../foundation/values/values.ts';
import { IndexList } from './index-list.ts';
import { Mismatch } from './values.ts';

/** Where `start:stop:step` begins and ends on an axis of that size, as Python's `slice.indices` says. */
function clamp(slice: Slice, size: number): Slice {
  const step = slice.step ?? 1;
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const place = (bound: number) => Math.min(Math.max(bound < 0 ? bound + size : bound, low), high);
  const start = slice.start === null ? (step > 0 ? low : high) : place(slice.start);
  const stop = slice.stop === null ? (step > 0 ? high : low) : place(slice.stop);
  const isEmpty = step > 0 ? stop <= start : start <= stop;
  // No number stands for the place before the first element: -1 is the last.
  if (isEmpty) return new Slice(0, 0, 1);
  // MLX's derivatives and vmap of a slice of one element that steps backwards find none.
  if (Math.abs(stop - start) <= Math.abs(step)) return new Slice(start, start + 1, 1);
  return new Slice(start, stop === -1 ? null : stop, step);
}

/**
 * Holds an index against the shape before any backend sees it, for MLX reads out of bounds: numbers and lists
 * of numbers must be in range, slices are cut down to the axis. `look` gives the elements of those index tensors that
 * are to be looked into.
 */
export function boundIndex<T>(
  parts: readonly T[],
  shape: readonly number[],
  toTensor: (list: IndexList) => T,
  look: (part: T) => readonly number[] | undefined,
): T[] {
  const consumed = parts.filter((part) => part !== null && part !== '...').length;
  if (consumed > shape.length) {
    throw new Mismatch(`an index of at most ${shape.length} parts for an array of shape [${shape}]`, parts);
  }
  if (parts.filter((part) => part === '...').length > 1) throw new Mismatch("one '...' at most", parts);
  let axis = 0;
  return parts.map((part) => {
    if (part === null) return part;
    if (part === '...') {
      axis += shape.length - consumed;
      return part;
    }
    const size = shape[axis] as number;
    axis++;
    if (part instanceof Slice) {
      if (part.step === 0) throw new Mismatch('a slice whose step is not 0', part);
      return clamp(part, size) as T;
    }
    const numbers = part instanceof IndexList ? part.flat : typeof part === 'number' ? [part] : (look(part) ?? []);
    const outOfRange = numbers.find((index) => index < -size || index >= size);
    if (outOfRange !== undefined) {
      const range = `from ${-size} to ${size - 1} on axis ${axis - 1}, which has ${size} elements,`;
      throw new Mismatch(`an index ${range}`, outOfRange);
    }
    return part instanceof IndexList ? toTensor(part) : part;
  });
}
