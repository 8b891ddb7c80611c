import { bool } from '../../foundation/values/dtypes.ts';
import type { Normal, TensorHost } from './host.ts';
import { Mismatch } from './values.ts';

export function isMask<T extends object>(part: unknown, host: TensorHost<T>): part is T {
  return host.isTensor(part) && host.dtype(part) === bool;
}

/** A mask stands on as many axes as it has, and has their sizes. */
function check(mask: object, sizes: readonly number[], shape: readonly number[], axis: number): void {
  const under = shape.slice(axis, axis + sizes.length);
  if (String(sizes) === String(under)) return;
  throw new Mismatch(`a mask of the shape [${under}] on axis ${axis}, not [${sizes}],`, mask);
}

/**
 * The index with each boolean mask held against the axes that it stands on, and taken apart into one index tensor for
 * each of them, which evaluates it. `keepSole`: a mask that is the whole index stays as it is.
 */
export function unfoldMasks<T extends object>(
  parts: readonly Normal<T>[],
  shape: readonly number[],
  host: TensorHost<T>,
  keepSole: boolean,
): readonly Normal<T>[] {
  if (!parts.some((part) => isMask(part, host))) return parts;
  const width = (part: Normal<T>) => {
    if (part === null || part === '...') return 0;
    return isMask(part, host) ? host.shape(part).length : 1;
  };
  const consumed = parts.reduce<number>((sum, part) => sum + width(part), 0);
  if (consumed > shape.length) {
    throw new Mismatch(`an index of at most ${shape.length} axes for an array of shape [${shape}]`, parts);
  }
  const unfolded: Normal<T>[] = [];
  let axis = 0;
  for (const part of parts) {
    if (!isMask(part, host)) {
      unfolded.push(part);
      axis += part === '...' ? shape.length - consumed : width(part);
      continue;
    }
    const sizes = host.shape(part);
    check(part, sizes, shape, axis);
    if (keepSole && parts.length === 1) return parts;
    if (sizes.length === 0) throw new Mismatch('a mask of at least one dimension', part);
    unfolded.push(...host.places(part));
    axis += sizes.length;
  }
  return unfolded;
}
