import fc from 'fast-check';
import type { Operation } from '../../../registry/operation.ts';
import { type Given, OMITTED, type Omitted, type ParameterValues } from '../../call.ts';
import { anyDtype } from '../dtypes.ts';
import { weakComplex } from '../scalars.ts';
import { partnerOf, shapes } from '../shapes.ts';
import { anyTensor, tensor } from '../tensors.ts';
import { finiteNumber, maybe, type SpecialGenerators, values } from './tools.ts';

/** A number, or a tensor that broadcasts to the shape. */
function filling(shape: readonly number[], { sample }: Operation): fc.Arbitrary<Given> {
  return anyDtype(sample.dtypes).chain((dtype) =>
    fc.oneof(
      weakComplex(dtype),
      partnerOf(shape).chain((partner) => tensor(partner, dtype, 'small')),
    ),
  );
}

const integral = fc.integer({ min: -20, max: 20 });
const fraction = fc.integer({ min: -80, max: 80 }).map((n) => n / 4);

function arange(numbers: fc.Arbitrary<number>): fc.Arbitrary<(number | Omitted)[]> {
  const step = numbers.filter((step) => Math.abs(step) >= 0.25);
  return fc.oneof<fc.Arbitrary<(number | Omitted)[]>[]>(
    numbers.map((stop) => [stop, OMITTED, OMITTED]),
    fc.tuple(numbers, numbers).map(([start, stop]) => [start, stop, OMITTED]),
    fc.tuple(numbers, numbers, step),
  );
}

export const creation = {
  arange: ({ sample }: Operation): fc.Arbitrary<ParameterValues> =>
    fc
      .tuple(fc.oneof(arange(integral), arange(fraction)), maybe(anyDtype(sample.dtypes)))
      .map(([numbers, dtype]) => [...numbers, dtype]),
  linspace: ({ sample }: Operation) =>
    values(finiteNumber, finiteNumber, maybe(fc.nat(100)), maybe(fc.boolean()), maybe(anyDtype(sample.dtypes))),
  full: (operation: Operation) =>
    shapes({ maxRank: 3 }).chain((shape) =>
      values(fc.constant(shape), filling(shape, operation), maybe(anyDtype(operation.sample.dtypes))),
    ),
  full_like: (operation: Operation) =>
    anyTensor(operation.sample).chain((a) =>
      values(fc.constant(a), filling(a.shape, operation), maybe(anyDtype(operation.sample.dtypes))),
    ),
} satisfies SpecialGenerators;
