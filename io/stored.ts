import type { Dtype } from '../foundation/values/dtypes.ts';
import { malformed } from './reading.ts';

/** Where an array's row-major little-endian bytes lie, or the bytes themselves. */
type StoredData = { readonly offset: number; readonly length: number } | Buffer;

/** An array as a file holds it. */
export interface StoredArray {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: StoredData;
  /** Stored column by column: `shape` is the reverse of what the reader of the file is to see. */
  readonly transposed?: boolean;
}

/** What a format's reader finds. Metadata of gguf holds arrays too. */
export interface StoredFile {
  readonly arrays: ReadonlyMap<string, StoredArray>;
  readonly metadata: ReadonlyMap<string, string | readonly string[] | StoredArray>;
}

/** An array costs time however small it is; files of large models hold some thousands. */
const MOST_ARRAYS = 2 ** 16;
/** MLX's arrays have no more. */
const MOST_DIMENSIONS = 64;
const LARGEST_EXTENT = 2 ** 31 - 1;

/** The number of elements; refuses extents that MLX cannot count. */
export function elementsOf(shape: readonly unknown[], what: string): number {
  if (shape.length > MOST_DIMENSIONS) malformed(`${what} has ${shape.length} dimensions`);
  let elements = 1;
  // Extents beside a zero must still be countable: MLX multiplies them for its strides.
  let counted = 1;
  for (const extent of shape) {
    if (typeof extent !== 'number' || !Number.isInteger(extent) || extent < 0 || extent > LARGEST_EXTENT) {
      malformed(`${what} has the shape ${shown(shape)}`);
    }
    elements *= extent;
    counted *= Math.max(1, extent);
    if (counted > Number.MAX_SAFE_INTEGER) malformed(`${what} has the shape ${shown(shape)}`);
  }
  return elements;
}

/** Refuses more arrays than any real file holds. */
export function refuseMany(count: number): void {
  if (count > MOST_ARRAYS) malformed(`it holds more than ${MOST_ARRAYS} arrays`);
}

/** Refuses ranges of which two share a byte. */
export function refuseOverlaps(ranges: { name: string; start: number; end: number }[]): void {
  const sorted = ranges.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
  for (let i = 1; i < sorted.length; i++) {
    const [before, after] = [sorted[i - 1], sorted[i]] as [(typeof sorted)[0], (typeof sorted)[0]];
    if (after.start < before.end) malformed(`"${before.name}" and "${after.name}" share bytes`);
  }
}

/** A value of the file in an error's text, short whatever it is. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
