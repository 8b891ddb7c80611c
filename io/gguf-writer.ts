import { ArgumentError } from '../foundation/errors/errors.ts';
import { bool, type Dtype } from '../foundation/values/dtypes.ts';
import type { Tensor } from '../router/tensors/tensor.ts';
import { router } from '../runtime/runtime.ts';
import * as gguf from './gguf-format.ts';
import type { NamedArray } from './save-arguments.ts';
import { values, type Writing } from './writing.ts';

export type GgufMetadata = string | readonly string[] | Tensor;

const MOST_DIMENSIONS = 8;

function codes(types: ReadonlyMap<number, Dtype>): ReadonlyMap<Dtype, number> {
  return new Map([...types].map(([code, dtype]) => [dtype, code]));
}

const TENSOR_CODES = codes(gguf.TENSOR_TYPES);
const VALUE_CODES = codes(new Map([...gguf.VALUE_TYPES].filter(([code]) => code !== gguf.FLOAT64)));

/** Refuses what the format cannot hold, before a file is begun. */
export function checkGguf(
  arrays: readonly NamedArray[],
  metadata: readonly (readonly [string, GgufMetadata])[],
  operation: string,
): void {
  const fail = (text: string): never => {
    throw new ArgumentError(text, { operation });
  };
  for (const { name, dtype, shape } of arrays) {
    if (!TENSOR_CODES.has(dtype)) fail(`gguf has no type for the ${dtype.name} of "${name}"`);
    if (shape.length > MOST_DIMENSIONS) {
      fail(`gguf holds at most ${MOST_DIMENSIONS} dimensions; "${name}" has ${shape.length}`);
    }
  }
  for (const [key, value] of metadata) {
    if (typeof value === 'string' || Array.isArray(value)) continue;
    const { dtype, shape } = router.info(value as Tensor);
    if (!VALUE_CODES.has(dtype)) fail(`gguf's metadata has no type for the ${dtype.name} of "${key}"`);
    if (shape.length > 1) fail(`gguf's metadata holds arrays of at most one dimension; "${key}" has ${shape.length}`);
    if (shape[0] === 0) fail(`gguf's metadata holds no empty arrays; "${key}" is one`);
  }
}

export function* writeGguf(
  arrays: readonly NamedArray[],
  metadata: readonly (readonly [string, GgufMetadata])[],
): Writing {
  const head = [uint32(gguf.MAGIC), uint32(gguf.VERSION), uint64(arrays.length), uint64(metadata.length)];
  for (const [key, value] of metadata) {
    head.push(text(key));
    if (typeof value === 'string') head.push(uint32(gguf.STRING), text(value));
    else if (Array.isArray(value)) head.push(...textList(value));
    else yield* numbers(value as Tensor, head);
  }
  let offset = 0;
  for (const { name, dtype, shape } of arrays) {
    const dimensions = [...shape].reverse();
    head.push(text(name), uint32(shape.length), ...dimensions.map(uint64));
    head.push(uint32(TENSOR_CODES.get(dtype) as number), uint64(offset));
    offset += aligned(dimensions.reduce((product, extent) => product * extent, dtype.size));
  }
  const header = Buffer.concat(head);
  yield { kind: 'write', bytes: padded(header) };
  for (const { tensor, bytes } of arrays) {
    yield* values(tensor, function* (part) {
      yield { kind: 'write', bytes: part };
    });
    yield { kind: 'write', bytes: Buffer.alloc(aligned(bytes) - bytes) };
  }
}

function* numbers(tensor: Tensor, head: Buffer[]): Writing {
  const { dtype, shape } = router.info(tensor);
  const code = uint32(VALUE_CODES.get(dtype) as number);
  const bytes = yield { kind: 'values', tensor };
  if (dtype === bool) for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i] === 0 ? 0 : 1;
  if (shape.length === 0) head.push(code, bytes);
  else head.push(uint32(gguf.ARRAY), code, uint64(shape[0] as number), bytes);
}

function textList(texts: readonly string[]): Buffer[] {
  return [uint32(gguf.ARRAY), uint32(gguf.STRING), uint64(texts.length), ...texts.map(text)];
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function aligned(length: number): number {
  return Math.ceil(length / gguf.ALIGNMENT) * gguf.ALIGNMENT;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);
}
