import fc from 'fast-check';
import { type Dtype, float32, isIntegral } from '../../../foundation/values/dtypes.ts';
import type { Element } from '../../../foundation/values/values.ts';
import type { Operation } from '../../../registry/operation.ts';
import { type Given, OMITTED, type ParameterValues } from '../../call.ts';
import { anyDtype } from '../dtypes.ts';
import { squareTensor } from '../matrices.ts';
import { axisOf } from '../parameters.ts';
import { keys } from '../scalars.ts';
import { partnerOf, shapes } from '../shapes.ts';
import { anyTensor, tensor } from '../tensors.ts';
import { elementOf } from '../values.ts';
import { fromFront, maybe, type SpecialGenerators, values } from './tools.ts';

const someShape = shapes({ maxRank: 3 });

function bound(shape: readonly number[], dtype: Dtype, elements: fc.Arbitrary<number>): fc.Arbitrary<Given> {
  const wide = isIntegral(dtype) && dtype.size === 8;
  const fitting: fc.Arbitrary<Element> = wide ? elements.map(BigInt) : elements;
  return fc.oneof<fc.Arbitrary<Given>[]>(
    elements,
    partnerOf(shape).chain((partner) => tensor(partner, dtype, fitting)),
  );
}

/** Two bounds, the lower first, then the shape, the dtype and a key. */
function between(low: fc.Arbitrary<number>, high: fc.Arbitrary<number>) {
  return ({ sample }: Operation): fc.Arbitrary<ParameterValues> =>
    fc
      .tuple(someShape, anyDtype(sample.dtypes))
      .chain(([shape, dtype]) =>
        values(bound(shape, dtype, low), bound(shape, dtype, high), fc.constant(shape), fc.constant(dtype), keys),
      );
}

const below = fc.integer({ min: -8, max: 0 });
const above = fc.integer({ min: 1, max: 8 });

function normal({ sample }: Operation): fc.Arbitrary<ParameterValues> {
  return fc.tuple(someShape, anyDtype(sample.dtypes)).chain(([shape, dtype]) => {
    const parameter = fc.oneof<fc.Arbitrary<Given>[]>(
      fc.constant(null),
      fc.constant(OMITTED),
      fc.constantFrom(0, 1, 0.5, -2.25),
      partnerOf(shape).chain((partner) => tensor(partner, dtype, elementOf(dtype, 'positive'))),
    );
    return values(fc.constant(shape), fc.constant(dtype), parameter, parameter, keys);
  });
}

function multivariate(): fc.Arbitrary<ParameterValues> {
  return fc
    .tuple(fc.integer({ min: 1, max: 4 }), shapes({ maxRank: 2, minSize: 1, maxSize: 3 }), fc.boolean())
    .chain(([n, shape, batched]) =>
      values(
        tensor(batched ? [...shape, n] : [n], float32, 'finite'),
        squareTensor([], n, float32, 'positive-definite'),
        fc.constant(shape),
        fc.constant(float32),
        keys,
      ),
    );
}

function categorical({ sample }: Operation): fc.Arbitrary<ParameterValues> {
  return anyTensor(sample, { minRank: 1, maxRank: 3, minSize: 1 }).chain((logits) => {
    const rank = logits.shape.length;
    return fc.tuple(axisOf(rank), fc.nat(2), fc.integer({ min: 1, max: 4 }), keys).map(([axis, form, extra, key]) => {
      const others = logits.shape.filter((_, i) => i !== fromFront(axis, rank));
      const shape = form === 1 ? [extra, ...others] : OMITTED;
      return [logits, axis, shape, form === 2 ? extra : OMITTED, key];
    });
  });
}

function permutation({ sample }: Operation): fc.Arbitrary<ParameterValues> {
  const numbers = values(fc.nat(100), fc.constant(OMITTED), keys);
  const tensors = anyTensor(sample, { minRank: 1 }).chain((a) =>
    values(fc.constant(a), maybe(axisOf(a.shape.length)), keys),
  );
  return fc.oneof(numbers, tensors);
}

function bernoulli({ sample }: Operation): fc.Arbitrary<ParameterValues> {
  return fc.tuple(someShape, anyDtype(sample.dtypes)).chain(([shape, dtype]) => {
    const odds = fc.nat(16).map((n) => n / 16);
    const tensors = partnerOf(shape).chain((partner) => tensor(partner, dtype, odds));
    const explicit = values(fc.oneof<fc.Arbitrary<Given>[]>(odds, tensors), fc.constant(shape), keys);
    const implied = values(maybe(tensors), fc.constant(OMITTED), keys);
    return fc.oneof(explicit, implied);
  });
}

const drawn = ({ sample }: Operation) => values(maybe(someShape), maybe(anyDtype(sample.dtypes)), keys);

export const random = {
  'random-key': () =>
    values(fc.oneof<fc.Arbitrary<Given>[]>(fc.nat(1000), fc.maxSafeNat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))),
  'random-split': () => values(keys, maybe(fc.integer({ min: 1, max: 8 }))),
  uniform: between(below, above),
  normal,
  multivariate_normal: multivariate,
  randint: between(fc.constant(0), above),
  bernoulli,
  truncated_normal: between(
    below.map((n) => n / 4),
    above.map((n) => n / 4),
  ),
  gumbel: drawn,
  categorical,
  laplace: ({ sample }: Operation) =>
    values(
      maybe(someShape),
      maybe(anyDtype(sample.dtypes)),
      maybe(fc.constantFrom(0, 1.5, -3)),
      maybe(fc.constantFrom(1, 0.25, 2)),
      keys,
    ),
  permutation,
} satisfies SpecialGenerators;
