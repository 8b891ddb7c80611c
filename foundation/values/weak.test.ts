import { describe, expect, it } from 'vitest';
import * as dtypes from './dtypes.ts';
import { Complex, type Element, Scalar } from './values.ts';
import { asElement, isComplexLike, naturalDtype, typedScalar, weakScalar } from './weak.ts';

const { bool, int32, int64, uint8, uint64, float16, float32, complex64, DTYPES } = dtypes;
const INTEGRAL = DTYPES.filter(dtypes.isIntegral);
const FLOATING = DTYPES.filter(({ kind }) => kind === 'float');

const beside = (value: Element, dtype: dtypes.Dtype | undefined) => weakScalar(value, dtype);

describe('weakScalar', () => {
  it.each(DTYPES.map((dtype) => [dtype.name, dtype] as const))('of an integral number beside %s', (_, dtype) => {
    const expected = dtype.kind === 'bool' ? int32 : dtype;
    const value = expected.name.endsWith('int64') ? 3n : 3;
    expect(beside(3, dtype)).toEqual(new Scalar(value, expected));
    expect(beside(3n, dtype)).toEqual(new Scalar(value, expected));
  });

  it.each(DTYPES.map((dtype) => [dtype.name, dtype] as const))('of a fraction beside %s', (_, dtype) => {
    expect(beside(0.5, dtype)).toEqual(new Scalar(0.5, dtype.kind === 'float' ? dtype : float32));
  });

  it('takes NaN and the infinities for fractions', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(beside(value, int32)).toEqual(new Scalar(value, float32));
      expect(beside(value, float16)).toEqual(new Scalar(value, float16));
    }
  });

  it('gives a boolean the dtype of the array, and a complex number complex64', () => {
    for (const dtype of DTYPES) {
      expect(beside(true, dtype)).toEqual(new Scalar(true, dtype));
      expect(beside(new Complex(1, 2), dtype)).toEqual(new Scalar(new Complex(1, 2), complex64));
    }
  });

  it('keeps -0 beside floats and makes it 0 beside integers', () => {
    for (const dtype of FLOATING) expect(Object.is((beside(-0, dtype) as Scalar).value, -0)).toBe(true);
    for (const dtype of INTEGRAL) expect(Object.is(Number((beside(-0, dtype) as Scalar).value), 0)).toBe(true);
  });

  it.each(INTEGRAL.map((dtype) => [dtype.name, dtype] as const))('refuses what overflows %s', (name, dtype) => {
    const bits = BigInt(dtype.size * 8);
    const high = dtype.kind === 'uint' ? 2n ** bits - 1n : 2n ** (bits - 1n) - 1n;
    const low = dtype.kind === 'uint' ? 0n : -(2n ** (bits - 1n));
    expect(beside(high, dtype)).toBeInstanceOf(Scalar);
    expect(beside(low, dtype)).toBeInstanceOf(Scalar);
    expect(beside(high + 1n, dtype)).toBe(`Converting ${high + 1n} to ${name} would result in overflow`);
    // Only uint64 counts back from its end.
    if (dtype !== uint64) expect(beside(low - 1n, dtype)).toMatch(/overflow/);
  });

  it('counts back from 2^64 in uint64, as Python does', () => {
    expect(beside(-1, uint64)).toEqual(new Scalar(2n ** 64n - 1n, uint64));
    expect(beside(-(2n ** 63n) - 1n, uint64)).toMatch(/overflow/);
  });

  it('has the natural dtype with no array beside it', () => {
    expect(beside(2, undefined)).toEqual(new Scalar(2, float32));
    expect(beside(1e300, undefined)).toEqual(new Scalar(1e300, float32));
    expect(beside(2n, undefined)).toEqual(new Scalar(2n, int64));
    expect(beside(2n ** 63n, undefined)).toMatch(/overflow/);
    expect(beside(false, undefined)).toEqual(new Scalar(false, bool));
  });
});

describe('typedScalar', () => {
  it('is an integer in the dtype itself, and anything else in its natural one', () => {
    expect(typedScalar(7, uint8)).toEqual(new Scalar(7, uint8));
    expect(typedScalar(256, uint8)).toMatch(/overflow/);
    expect(typedScalar(0.5, uint8)).toEqual(new Scalar(0.5, float32));
    expect(typedScalar(true, uint8)).toEqual(new Scalar(true, bool));
  });
});

describe('asElement', () => {
  it('takes { re, im } for a complex number, and nothing else', () => {
    expect(asElement({ re: 1, im: -2 })).toEqual(new Complex(1, -2));
    for (const value of [
      { re: 1 },
      { re: 1, im: '2' },
      { re: 1, im: 2, x: 3 },
      null,
      undefined,
      'a',
      [],
      Symbol('s'),
    ]) {
      expect(asElement(value)).toBeUndefined();
      expect(isComplexLike(value)).toBe(false);
    }
  });

  it('fixes the dtype by the type alone, never by the size of the number', () => {
    expect([1, 1.5, 2 ** 53, 1e300].map((value) => naturalDtype(value))).toEqual([float32, float32, float32, float32]);
    expect(naturalDtype(0n)).toBe(int64);
  });
});
