import type { Dtype } from './dtypes.ts';
import { Complex, type Element } from './values.ts';

/** Any typed array that holds elements of one dtype. */
export type TypedArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

type TypedArrayConstructor = new (buffer: ArrayBuffer, offset: number, length: number) => TypedArray;

const float16Constructor =
  (globalThis as unknown as { Float16Array?: TypedArrayConstructor }).Float16Array ?? Uint16Array;

const CONSTRUCTORS: Record<Dtype['name'], TypedArrayConstructor> = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: float16Constructor,
  float32: Float32Array,
  float64: Float64Array,
  bfloat16: Uint16Array,
  complex64: Float32Array,
};

/**
 * The bytes as the typed array of the dtype: float16 as Float16Array where the runtime has it, else its bits as
 * Uint16Array; bfloat16 as bits; bool as 0 and 1; complex64 as pairs in a Float32Array.
 */
export function typedArray(bytes: Uint8Array<ArrayBuffer>, dtype: Dtype): TypedArray {
  const elementBytes = dtype.name === 'complex64' ? 4 : dtype.size;
  return new CONSTRUCTORS[dtype.name](bytes.buffer, bytes.byteOffset, bytes.byteLength / elementBytes);
}

/** Every element, in the bytes' order. */
export function decode(bytes: Uint8Array<ArrayBuffer>, dtype: Dtype): Element[] {
  const count = bytes.byteLength / dtype.size;
  switch (dtype.name) {
    case 'bool':
      return Array.from(bytes, (byte) => byte !== 0);
    case 'float16':
      return Array.from(new Uint16Array(bytes.buffer, bytes.byteOffset, count), float16ToNumber);
    case 'bfloat16':
      return Array.from(new Uint16Array(bytes.buffer, bytes.byteOffset, count), bfloat16ToNumber);
    case 'complex64': {
      const parts = new Float32Array(bytes.buffer, bytes.byteOffset, count * 2);
      return Array.from({ length: count }, (_, i) => new Complex(parts[2 * i] as number, parts[2 * i + 1] as number));
    }
    default:
      return listOf(typedArray(bytes, dtype));
  }
}

/** As `Array.from`, which goes through an iterator. */
function listOf(values: ArrayLike<number | bigint>): Element[] {
  const list: Element[] = new Array(values.length);
  for (let i = 0; i < values.length; i++) list[i] = values[i] as number | bigint;
  return list;
}

/** The bytes of the elements in that dtype. Rounds as MLX does: through float32 to the narrower floats. */
export function encode(values: readonly Element[], dtype: Dtype): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * dtype.size);
  switch (dtype.name) {
    case 'bool':
      for (let i = 0; i < values.length; i++) bytes[i] = isTruthy(values[i] as Element) ? 1 : 0;
      break;
    case 'uint64':
    case 'int64': {
      const target = typedArray(bytes, dtype) as BigInt64Array<ArrayBuffer>;
      for (let i = 0; i < values.length; i++) target[i] = toBigInt(values[i] as Element);
      break;
    }
    case 'float16':
    case 'bfloat16': {
      const target = new Uint16Array(bytes.buffer);
      const convert = dtype.name === 'float16' ? numberToFloat16 : numberToBfloat16;
      for (let i = 0; i < values.length; i++) target[i] = convert(toNumber(values[i] as Element));
      break;
    }
    case 'complex64': {
      const target = new Float32Array(bytes.buffer);
      for (let i = 0; i < values.length; i++) {
        const value = values[i] as Element;
        target[2 * i] = value instanceof Complex ? value.re : toNumber(value);
        target[2 * i + 1] = value instanceof Complex ? value.im : 0;
      }
      break;
    }
    default: {
      const target = typedArray(bytes, dtype) as Float64Array<ArrayBuffer>;
      for (let i = 0; i < values.length; i++) target[i] = toNumber(values[i] as Element);
    }
  }
  return bytes;
}

/** The one element, as JavaScript reads it. */
export function decodeOne(bytes: Uint8Array<ArrayBuffer>, dtype: Dtype): Element {
  return decode(bytes.subarray(0, dtype.size), dtype)[0] as Element;
}

function isTruthy(value: Element): boolean {
  return value instanceof Complex ? value.re !== 0 || value.im !== 0 : Boolean(value) || Number.isNaN(value);
}

function toNumber(value: Element): number {
  return value instanceof Complex ? value.re : Number(value);
}

function toBigInt(value: Element): bigint {
  return typeof value === 'bigint' ? value : BigInt(Math.trunc(toNumber(value)));
}

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

export function bfloat16ToNumber(bits: number): number {
  word[0] = bits << 16;
  return single[0] as number;
}

/** Rounds to nearest, ties to even; NaN stays a quiet NaN. */
export function numberToBfloat16(value: number): number {
  single[0] = value;
  const bits = word[0] as number;
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Rounds float32 to nearest, ties to even. */
export function numberToFloat16(value: number): number {
  single[0] = value;
  const bits = word[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // The one NaN that MLX's own conversion gives.
  if (magnitude > 0x7f800000) return sign | 0x7d00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal in float16: one unit is 2^-24, and scaling by a power of two is exact.
    const scaled = Math.abs(single[0] as number) * 2 ** 24;
    const floor = Math.floor(scaled);
    const rest = scaled - floor;
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
  }
  const rebased = magnitude - 0x38000000;
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
}
