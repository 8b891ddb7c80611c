import * as dtypes from '../foundation/values/dtypes.ts';
import { BLOCK_TYPES, type BlockType } from './gguf-blocks.ts';
import { GgufCursor } from './gguf-cursor.ts';
import * as gguf from './gguf-format.ts';
import { malformed, type Reading, readRange } from './reading.ts';
import { elementsOf, refuseMany, refuseOverlaps, type StoredArray, type StoredFile, shown } from './stored.ts';

/** Read first, for most headers; a tokenizer's vocabulary makes it some megabytes. */
const FIRST_LENGTH = 1 << 18;
const HEADER_LIMIT = 1 << 28;
/** What MLX's own reader stands. */
const MOST_DIMENSIONS = 8;

interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: dtypes.Dtype | null;
  readonly block: BlockType | null;
  readonly length: number;
  readonly offset: number;
}

interface Header {
  readonly metadata: Map<string, string | readonly string[] | StoredArray>;
  readonly tensors: readonly TensorInfo[];
  /** Where the data starts. */
  readonly data: number;
}

/**
 * Reads and checks a gguf file of that size. Arrays that MLX has a dtype for stay where they are; quantised ones become
 * MLX's own (`….weight`, `….scales`, `….biases`) or float16, as in Python.
 */
export function* readGguf(size: number): Reading<StoredFile> {
  const { metadata, tensors, data } = yield* readHeader(size);
  const arrays = new Map<string, StoredArray>();
  const add = (name: string, array: StoredArray): void => {
    if (arrays.has(name)) malformed(`it gives ${shown(name)} twice`);
    arrays.set(name, array);
  };
  refuseOverlaps(
    tensors.map(({ name, offset, length }) => {
      if (data + offset + length > size) {
        malformed(`${shown(name)} needs the bytes ${data + offset} to ${data + offset + length} of ${size}`);
      }
      return { name, start: offset, end: offset + length };
    }),
  );
  for (const { name, shape, dtype, block, offset, length } of tensors) {
    if (dtype !== null) {
      add(name, { dtype, shape, data: { offset: data + offset, length } });
    } else if (block !== null) {
      const bytes = yield* readRange(size, data + offset, length);
      for (const [part, array] of block.convert(name, shape, bytes)) add(part, array);
    }
  }
  return { arrays, metadata };
}

/** Reads more of the file until the header is whole: its length stands nowhere. */
function* readHeader(size: number): Reading<Header> {
  for (let length = Math.min(size, FIRST_LENGTH); ; length = Math.min(size, length * 4)) {
    if (length > HEADER_LIMIT) malformed(`its header has more than ${HEADER_LIMIT} bytes`);
    const cursor = new GgufCursor(yield* readRange(size, 0, length), size);
    const header = cursor.attempt(() => parseHeader(cursor));
    if (header !== undefined) return header;
  }
}

function parseHeader(cursor: GgufCursor): Header {
  if (cursor.uint32() !== gguf.MAGIC) malformed('it does not start as one does');
  const version = cursor.uint32();
  if (version !== 2 && version !== gguf.VERSION) malformed(`it has the version ${version}; 2 and 3 are known`);
  const tensorCount = cursor.count(24);
  refuseMany(tensorCount);
  const metadataCount = cursor.count(13);
  refuseMany(metadataCount);
  const metadata: Header['metadata'] = new Map();
  let alignment = gguf.ALIGNMENT;
  for (let i = 0; i < metadataCount; i++) {
    const key = cursor.name();
    if (metadata.has(key)) malformed(`it gives the metadata ${shown(key)} twice`);
    const type = cursor.uint32();
    const value = readValue(cursor, key, type);
    metadata.set(key, value);
    if (key === gguf.ALIGNMENT_KEY && type === 4) alignment = alignmentOf(value as StoredArray);
  }
  const tensors: TensorInfo[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensorCount; i++) {
    const tensor = readTensor(cursor);
    if (names.has(tensor.name)) malformed(`it gives ${shown(tensor.name)} twice`);
    names.add(tensor.name);
    tensors.push(tensor);
  }
  return { metadata, tensors, data: Math.ceil(cursor.position / alignment) * alignment };
}

function alignmentOf({ data }: StoredArray): number {
  const alignment = (data as Buffer).readUInt32LE(0);
  return alignment > 0 && alignment <= 1 << 20 ? alignment : malformed(`it has the alignment ${alignment}`);
}

function readValue(cursor: GgufCursor, key: string, type: number): string | string[] | StoredArray {
  if (type === gguf.STRING) return cursor.text();
  if (type !== gguf.ARRAY) return numbers(cursor, key, type, []);
  const element = cursor.uint32();
  if (element === gguf.ARRAY) malformed(`the metadata ${shown(key)} nests lists`);
  if (element === gguf.STRING) {
    const texts: string[] = [];
    for (let left = cursor.count(8); left > 0; left--) texts.push(cursor.text());
    return texts;
  }
  const size = gguf.VALUE_TYPES.get(element)?.size ?? malformed(`the metadata ${shown(key)} has the type ${element}`);
  return numbers(cursor, key, element, [cursor.count(size)]);
}

function numbers(cursor: GgufCursor, key: string, type: number, shape: number[]): StoredArray {
  const dtype = gguf.VALUE_TYPES.get(type);
  if (dtype === undefined) return malformed(`the metadata ${shown(key)} has the type ${type}`);
  const bytes = Buffer.from(cursor.bytes(elementsOf(shape, `the metadata ${shown(key)}`) * dtype.size));
  if (type === gguf.FLOAT64) return { dtype: dtypes.float32, shape, data: narrowed(bytes) };
  if (dtype === dtypes.bool) for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i] === 0 ? 0 : 1;
  return { dtype, shape, data: bytes };
}

function narrowed(doubles: Buffer): Buffer {
  const singles = Buffer.alloc(doubles.length / 2);
  for (let i = 0; i < doubles.length; i += 8) singles.writeFloatLE(doubles.readDoubleLE(i), i / 2);
  return singles;
}

function readTensor(cursor: GgufCursor): TensorInfo {
  const name = cursor.name();
  const what = shown(name);
  const dimensions = cursor.uint32();
  if (dimensions > MOST_DIMENSIONS) malformed(`${what} has ${dimensions} dimensions`);
  const shape: number[] = [];
  // The first one is the fastest there and the last one here.
  for (let i = 0; i < dimensions; i++) shape.unshift(Number(cursor.uint64()));
  const elements = elementsOf(shape, what);
  const type = cursor.uint32();
  const offset = Number(cursor.uint64());
  if (!Number.isSafeInteger(offset)) malformed(`${what} lies at the byte ${offset}`);
  const dtype = gguf.TENSOR_TYPES.get(type) ?? null;
  const block = dtype === null ? (BLOCK_TYPES.get(type) ?? null) : null;
  if (dtype === null && block === null) malformed(`MLX cannot read the type ${type} of ${what}`);
  if (block !== null && (shape.length === 0 || (shape.at(-1) as number) % block.elements !== 0)) {
    malformed(`the last dimension of ${what}, ${shape.at(-1) ?? 'none'}, is no multiple of ${block.elements}`);
  }
  const length = block === null ? elements * (dtype?.size ?? 0) : (elements / block.elements) * block.bytes;
  return { name, shape, dtype, block, length, offset };
}
