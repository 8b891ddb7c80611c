import fc from 'fast-check';
import { type Dtype, uint32 } from '../../foundation/values/dtypes.ts';
import { Complex } from '../../foundation/values/values.ts';
import { type Given, TensorRecipe } from '../call.ts';

/** A key of the random number generator. */
export const keys: fc.Arbitrary<TensorRecipe> = fc
  .tuple(fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1))
  .map((halves) => new TensorRecipe(uint32, [2], halves));

const fractions = fc.constantFrom(0.5, -2.75, 1e-3, 100.125, Number.NaN, Number.POSITIVE_INFINITY, -0);

/** A number that is weak beside a tensor of that dtype: most fit it, a few make the result another dtype. */
export function weakNumber(beside: Dtype): fc.Arbitrary<Given> {
  const min = beside.kind === 'uint' ? 0 : -9;
  const integers = fc.integer({ min, max: 9 });
  const plain = [integers, integers.map(BigInt), fc.boolean()];
  if (beside.kind === 'float' || beside.kind === 'complex') return fc.oneof(fractions, ...plain);
  return fc.oneof(...plain, fc.constantFrom(0.5, -2.75));
}

/** As `weakNumber`, with complex numbers. */
export function weakComplex(beside: Dtype): fc.Arbitrary<Given> {
  const complex = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }));
  return fc.oneof(
    weakNumber(beside),
    complex.map(([re, im]) => new Complex(re, im)),
  );
}
