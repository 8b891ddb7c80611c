import * as dtypes from '../foundation/values/dtypes.ts';
import { parseHeader } from './json-keys.ts';
import { malformed, type Reading, readRange } from './reading.ts';
import { elementsOf, refuseOverlaps, type StoredArray, type StoredFile, shown } from './stored.ts';

const DTYPES: ReadonlyMap<string, dtypes.Dtype> = new Map([
  ['BOOL', dtypes.bool],
  ['U8', dtypes.uint8],
  ['I8', dtypes.int8],
  ['U16', dtypes.uint16],
  ['I16', dtypes.int16],
  ['F16', dtypes.float16],
  ['BF16', dtypes.bfloat16],
  ['U32', dtypes.uint32],
  ['I32', dtypes.int32],
  ['F32', dtypes.float32],
  ['U64', dtypes.uint64],
  ['I64', dtypes.int64],
  ['F64', dtypes.float64],
  ['C64', dtypes.complex64],
]);
/** The narrow floats have no dtype in MLX: it gives their bits. */
const BITS: ReadonlyMap<string, dtypes.Dtype> = new Map([
  ['F8_E4M3', dtypes.uint8],
  ['F8_E8M0', dtypes.uint8],
]);
const NAMES = new Map([...DTYPES].map(([name, dtype]) => [dtype, name]));
/** The format's own limit of a header. */
const HEADER_LIMIT = 100_000_000;
const METADATA = '__metadata__';

/** Reads and checks the header of a safetensors file of that size. */
export function* readSafetensors(size: number): Reading<StoredFile> {
  if (size < 8) malformed(`it has ${size} bytes, too few for a header`);
  const length = Number((yield* readRange(size, 0, 8)).readBigUInt64LE());
  if (length > HEADER_LIMIT || length + 8 > size) malformed(`its header claims ${length} bytes in a file of ${size}`);
  const bytes = yield* readRange(size, 8, length);
  const header = parseHeader(bytes);
  if (typeof header !== 'object' || header === null || Array.isArray(header)) malformed('its header is no object');
  const arrays = new Map<string, StoredArray>();
  const metadata = new Map<string, string>();
  const ranges: { name: string; start: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) {
      for (const [key, text] of metadataOf(entry)) metadata.set(key, text);
      continue;
    }
    const { array, start, end } = arrayOf(name, entry, size - 8 - length);
    arrays.set(name, { ...array, data: { offset: 8 + length + start, length: end - start } });
    ranges.push({ name, start, end });
  }
  refuseOverlaps(ranges);
  return { arrays, metadata };
}

function metadataOf(entry: unknown): [string, string][] {
  // MLX writes null where there is none.
  if (entry === null) return [];
  const texts = typeof entry === 'object' && !Array.isArray(entry) ? Object.entries(entry) : [['', undefined]];
  if (texts.some(([, value]) => typeof value !== 'string')) malformed('its metadata is no object of strings');
  return texts as [string, string][];
}

function arrayOf(name: string, entry: unknown, available: number) {
  const what = shown(name);
  if (typeof entry !== 'object' || entry === null) malformed(`${what} is ${shown(entry)}, not a description`);
  const { dtype: text, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const dtype = DTYPES.get(text as string) ?? BITS.get(text as string);
  if (dtype === undefined) malformed(`${what} has the unknown dtype ${shown(text)}`);
  if (!Array.isArray(shape)) malformed(`${what} has the shape ${shown(shape)}`);
  const expected = elementsOf(shape, what) * dtype.size;
  const [start, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [Number.NaN, Number.NaN];
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start || end > available) {
    malformed(`${what} has the offsets ${shown(offsets)} in ${available} bytes of data`);
  }
  if (end - start !== expected) malformed(`${what} needs ${expected} bytes, but has ${end - start}`);
  return { array: { dtype, shape: shape as number[] }, start: start as number, end: end as number };
}

/**
 * The start of a safetensors file: the header's length and the header, padded so that the data after it is aligned.
 * `at` gives an array's place in the data where they do not simply follow each other.
 */
export function safetensorsHeader(
  arrays: readonly { readonly name: string; readonly dtype: dtypes.Dtype; readonly shape: readonly number[] }[],
  metadata: readonly (readonly [string, string])[],
  at?: (index: number) => number,
): Buffer {
  let next = 0;
  const entries: [string, unknown][] = arrays.map(({ name, dtype, shape }, i) => {
    const start = at?.(i) ?? next;
    next = start + shape.reduce((product, extent) => product * extent, dtype.size);
    return [name, { dtype: NAMES.get(dtype), shape, data_offsets: [start, next] }];
  });
  if (metadata.length > 0) entries.unshift([METADATA, Object.fromEntries(metadata)]);
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - 8));
  text.copy(padded, 8);
  return padded;
}
