import fc from 'fast-check';
import type { Dtype, DtypeName } from '../../foundation/values/dtypes.ts';
import { Complex, type Element } from '../../foundation/values/values.ts';
import type { ValueSet } from '../../registry/sample.ts';

/** Least and greatest integer of each integer dtype. */
const INTEGER_LIMITS: Partial<Record<DtypeName, readonly [bigint, bigint]>> = {
  uint8: [0n, 2n ** 8n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** Least subnormal, least normal and greatest finite number of each float dtype. */
const FLOAT_LIMITS: Partial<Record<DtypeName, readonly number[]>> = {
  float16: [2 ** -24, 2 ** -14, 65504],
  bfloat16: [2 ** -133, 2 ** -126, (2 - 2 ** -7) * 2 ** 127],
  float32: [2 ** -149, 2 ** -126, (2 - 2 ** -23) * 2 ** 127],
  float64: [2 ** -1074, 2 ** -1022, Number.MAX_VALUE],
  complex64: [2 ** -149, 2 ** -126, (2 - 2 ** -23) * 2 ** 127],
};

/** Multiples of 2^-13 from -128 to 128: fractions that need rounding in the narrow dtypes and shrink to 0. */
const moderate = fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((n) => n / 2 ** 13);
const whole = fc.integer({ min: -9, max: 9 });

function real(name: DtypeName, set: ValueSet): fc.Arbitrary<number> {
  switch (set) {
    case 'small':
      return fc.integer({ min: 0, max: 7 });
    case 'unit':
      return fc.integer({ min: -(2 ** 13), max: 2 ** 13 }).map((n) => n / 2 ** 13);
    case 'positive':
      return fc.integer({ min: 1, max: 2 ** 20 }).map((n) => n / 2 ** 13);
    case 'finite':
      return fc.oneof(whole, moderate);
    case 'any': {
      const limits = FLOAT_LIMITS[name] ?? [];
      const odd = [...limits, ...limits.map((limit) => -limit), 3 * (limits[0] ?? 0)];
      return fc.oneof(
        { arbitrary: fc.oneof(whole, moderate), weight: 6 },
        {
          arbitrary: fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
          weight: 2,
        },
        { arbitrary: fc.constantFrom(...odd), weight: 1 },
      );
    }
  }
}

function integer(dtype: Dtype, set: ValueSet): fc.Arbitrary<Element> {
  const limits = INTEGER_LIMITS[dtype.name] as readonly [bigint, bigint];
  const wide = dtype.size === 8;
  const within = (min: number, max: number): fc.Arbitrary<Element> => {
    const low = dtype.kind === 'uint' ? Math.max(min, 0) : min;
    const numbers = fc.integer({ min: low, max });
    return wide ? numbers.map(BigInt) : numbers;
  };
  switch (set) {
    case 'small':
      return within(0, 7);
    case 'unit':
      return within(-1, 1);
    case 'positive':
      return within(1, 100);
    case 'finite':
      return within(-100, 100);
    case 'any': {
      const all = fc.bigInt({ min: limits[0], max: limits[1] });
      const edges = fc.constantFrom(limits[0], limits[1], limits[1] - 1n, limits[0] + 1n);
      const numbers = (wide ? (n: bigint) => n : Number) as (n: bigint) => Element;
      return fc.oneof(
        { arbitrary: within(-9, 9), weight: 3 },
        { arbitrary: all.map(numbers), weight: 2 },
        { arbitrary: edges.map(numbers), weight: 1 },
      );
    }
  }
}

const made = new Map<string, fc.Arbitrary<Element>>();

/** One element of the dtype, out of the set. */
export function elementOf(dtype: Dtype, set: ValueSet): fc.Arbitrary<Element> {
  const name = `${dtype.name} ${set}`;
  const known = made.get(name);
  if (known !== undefined) return known;
  const arbitrary = makeElement(dtype, set);
  made.set(name, arbitrary);
  return arbitrary;
}

function makeElement(dtype: Dtype, set: ValueSet): fc.Arbitrary<Element> {
  switch (dtype.kind) {
    case 'bool':
      return fc.boolean();
    case 'uint':
    case 'int':
      return integer(dtype, set);
    case 'float':
      return real(dtype.name, set);
    case 'complex':
      return fc.tuple(real(dtype.name, set), real(dtype.name, set)).map(([re, im]) => new Complex(re, im));
  }
}
