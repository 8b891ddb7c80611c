/** Metadata: a text, a list of texts, a flag, numbers as 32-bit floats, or one whole number. */
export type Value =
  | string
  | boolean
  | number
  | readonly string[]
  | Float32Array
  | Int32Array
  | { readonly float: number };

export interface TensorData {
  readonly name: string;
  readonly shape: readonly number[];
  /** The type's number: 0 float32, 1 float16, 3 Q4_1, 8 Q8_0. */
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** The bytes of a gguf file of version 3. */
export function ggufFile(metadata: Readonly<Record<string, Value>>, tensors: readonly TensorData[]): Buffer {
  const entries = Object.entries(metadata);
  const head = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) head.push(text(key), ...encoded(value));
  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    head.push(text(name), u32(shape.length), ...[...shape].reverse().map(u64), u32(type), u64(offset));
    offset += aligned(bytes.length);
  }
  return Buffer.concat([padded(Buffer.concat(head)), ...tensors.map(({ bytes }) => padded(bytes))]);
}

export function float32(name: string, shape: readonly number[], values: readonly number[]): TensorData {
  return { name, shape, type: 0, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

/** Quantized data of any bits: the scale of each block is 1, and so that it is finite, its bias is 1 too. */
export function blocks(name: string, shape: readonly number[], type: 3 | 8): TensorData {
  const size = type === 3 ? 20 : 34;
  const count = shape.reduce((product, extent) => product * extent, 1) / 32;
  const bytes = Uint8Array.from({ length: size * count }, (_, index) => (index * 37 + (index >> 3)) & 0xff);
  for (let at = 0; at < bytes.length; at += size) bytes.set(type === 3 ? [0, 0x3c, 0, 0x3c] : [0, 0x3c], at);
  return { name, shape, type, bytes };
}

const ALIGNMENT = 32;
const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;
const padded = (bytes: Uint8Array): Buffer =>
  Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function encoded(value: Value): Buffer[] {
  if (typeof value === 'string') return [u32(8), text(value)];
  if (typeof value === 'boolean') return [u32(7), Buffer.from([value ? 1 : 0])];
  if (typeof value === 'number') return [u32(4), u32(value)];
  if (value instanceof Float32Array || value instanceof Int32Array) {
    return [u32(9), u32(value instanceof Float32Array ? 6 : 5), u64(value.length), Buffer.from(value.buffer)];
  }
  if (Array.isArray(value)) return [u32(9), u32(8), u64(value.length), ...value.map(text)];
  return [u32(6), Buffer.from(Float32Array.of((value as { float: number }).float).buffer)];
}
