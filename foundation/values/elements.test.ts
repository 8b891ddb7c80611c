import { describe, expect, it } from 'vitest';
import { bfloat16, DTYPES, type DtypeName, dtypeNamed, float16, type float32 } from './dtypes.ts';
import {
  bfloat16ToNumber,
  decode,
  decodeOne,
  encode,
  float16ToNumber,
  numberToBfloat16,
  numberToFloat16,
  typedArray,
} from './elements.ts';
import { Complex, type Element } from './values.ts';

const ALL_BITS = Array.from({ length: 65536 }, (_, bits) => bits);

/** The value by the formula of IEEE 754, for a format of 16 bits. */
function byFormula(bits: number, exponentBits: number): number {
  const fractionBits = 15 - exponentBits;
  const sign = bits >>> 15 === 1 ? -1 : 1;
  const exponent = (bits >>> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

describe.each([
  { name: 'float16', exponentBits: 5, toNumber: float16ToNumber, toBits: numberToFloat16, dtype: float16 },
  { name: 'bfloat16', exponentBits: 8, toNumber: bfloat16ToNumber, toBits: numberToBfloat16, dtype: bfloat16 },
])('$name', ({ exponentBits, toNumber, toBits, dtype }) => {
  const isNaNBits = (bits: number) => Number.isNaN(byFormula(bits, exponentBits));

  it('reads all 65,536 bit patterns as the formula says', () => {
    expect(ALL_BITS.filter((bits) => !Object.is(toNumber(bits), byFormula(bits, exponentBits)))).toEqual([]);
  });

  it('writes every number back in its own bits, -0 included', () => {
    expect(ALL_BITS.filter((bits) => !isNaNBits(bits) && toBits(toNumber(bits)) !== bits)).toEqual([]);
  });

  it('keeps NaN a NaN', () => {
    expect(toNumber(toBits(Number.NaN))).toBeNaN();
  });

  it('rounds to the nearest, and a tie to even bits, between any two adjacent values', () => {
    const finite = ALL_BITS.filter((bits) => bits < 0x7fff && Number.isFinite(byFormula(bits + 1, exponentBits)));
    const wrong = finite.filter((bits) => {
      const [low, high] = [byFormula(bits, exponentBits), byFormula(bits + 1, exponentBits)];
      const tie = Math.fround((low + high) / 2);
      const isExact = tie === (low + high) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      if (isExact && (toBits(tie) !== even || toBits(-tie) !== (even | 0x8000))) return true;
      const [below, above] = [Math.fround(low + (high - low) * 0.4), Math.fround(low + (high - low) * 0.6)];
      return (
        (below - low < high - below && toBits(below) !== bits) ||
        (high - above < above - low && toBits(above) !== bits + 1)
      );
    });
    expect(wrong).toEqual([]);
  });

  it('goes to infinity from half a step beyond the largest, and to zero below half the smallest', () => {
    const infinity = toBits(Number.POSITIVE_INFINITY);
    const largest = byFormula(infinity - 1, exponentBits);
    const step = largest - byFormula(infinity - 2, exponentBits);
    expect(toBits(Math.fround(largest + step / 2))).toBe(infinity);
    expect(toBits(-Math.fround(largest + step / 2))).toBe(infinity | 0x8000);
    expect(toBits(largest + step / 4)).toBe(infinity - 1);
    if (exponentBits === 5) expect(toBits(3e38)).toBe(infinity);
    const smallest = byFormula(1, exponentBits);
    expect(toBits(smallest / 2)).toBe(0);
    expect(toBits(smallest / 4)).toBe(0);
    if (exponentBits === 5) expect(toBits(smallest * 0.75)).toBe(1);
  });

  it('encodes through float32, as MLX does', () => {
    const values = [1.1, -2.5, 1e-7, 123456];
    expect(decode(encode(values, dtype), dtype)).toEqual(values.map((value) => toNumber(toBits(Math.fround(value)))));
  });
});

const SAMPLES: Record<DtypeName, Element[]> = {
  bool: [true, false],
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 4294967295],
  uint64: [0n, 2n ** 64n - 1n],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  float16: [-0, 65504, 2 ** -24, Number.POSITIVE_INFINITY],
  float32: [-0, Math.fround(1.1), 2 ** -149, Number.NEGATIVE_INFINITY],
  float64: [-0, 1.1, 5e-324, 1.7976931348623157e308],
  bfloat16: [-0, 2 ** 127, 2 ** -133, Number.POSITIVE_INFINITY],
  complex64: [new Complex(1, -2), new Complex(-0, Number.POSITIVE_INFINITY)],
};

describe.each(DTYPES.map((dtype) => ({ name: dtype.name, dtype })))('elements of $name', ({ name, dtype }) => {
  it('come back as they were written', () => {
    const bytes = encode(SAMPLES[name], dtype);
    expect(bytes.byteLength).toBe(SAMPLES[name].length * dtype.size);
    expect(decode(bytes, dtype)).toEqual(SAMPLES[name]);
    expect(decodeOne(bytes.slice(0, dtype.size), dtype)).toEqual(SAMPLES[name][0]);
  });

  it('lie in a typed array of their width over the same memory', () => {
    const bytes = encode(SAMPLES[name], dtype);
    const view = typedArray(bytes, dtype);
    expect(view.buffer).toBe(bytes.buffer);
    expect(view.byteLength).toBe(bytes.byteLength);
    expect(view.length).toBe(SAMPLES[name].length * (name === 'complex64' ? 2 : 1));
  });

  it('may be none', () => {
    expect(decode(encode([], dtype), dtype)).toEqual([]);
  });
});

describe('encode', () => {
  it('takes NaN for true and zeros of every kind for false', () => {
    const values = [Number.NaN, 0.5, 1n, new Complex(0, 1), 0, -0, 0n, new Complex(0, 0)];
    expect([...encode(values, dtypeNamed('bool') as typeof float32)]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  });

  it('takes numbers and booleans for 64-bit integers, and cuts fractions off', () => {
    const int64 = dtypeNamed('int64') as typeof float32;
    expect(decode(encode([1.9, -1.9, true, 2n ** 62n], int64), int64)).toEqual([1n, -1n, 1n, 2n ** 62n]);
  });

  it('gives reals an imaginary part of zero', () => {
    const complex64 = dtypeNamed('complex64') as typeof float32;
    expect(decode(encode([1.5, 2n, true], complex64), complex64)).toEqual([
      new Complex(1.5, 0),
      new Complex(2, 0),
      new Complex(1, 0),
    ]);
  });
});
