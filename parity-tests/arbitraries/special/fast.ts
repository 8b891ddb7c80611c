import fc from 'fast-check';
import { bool, type Dtype, float32 } from '../../../foundation/values/dtypes.ts';
import type { Operation } from '../../../registry/operation.ts';
import { type Given, OMITTED, type ParameterValues, type TensorRecipe } from '../../call.ts';
import { anyDtype } from '../dtypes.ts';
import { partnerOf } from '../shapes.ts';
import { anyTensor, tensor } from '../tensors.ts';
import { elementOf } from '../values.ts';
import { indexTensor, maybe, nats, orNull, type SpecialGenerators, values } from './tools.ts';

const eps = fc.constantFrom(1e-5, 1e-6, 0.1);

/** A tensor and so many vectors as long as its last axis, any of them null. */
function normalised(vectors: number) {
  return ({ sample }: Operation): fc.Arbitrary<ParameterValues> =>
    anyTensor(sample, { minRank: 1, minSize: 1 }).chain((x) => {
      const vector = () => orNull(tensor([x.shape.at(-1) ?? 1], x.dtype, sample.values));
      return values(fc.constant(x), ...Array.from({ length: vectors }, vector), eps);
    });
}

function crossEntropy({ sample }: Operation): fc.Arbitrary<ParameterValues> {
  return anyTensor(sample, { minRank: 1, minSize: 1 }).chain((logits) =>
    values(fc.constant(logits), indexTensor(logits.shape.slice(0, -1), logits.shape.at(-1) ?? 1, { negative: false })),
  );
}

function rope({ sample }: Operation): fc.Arbitrary<ParameterValues> {
  return fc
    .tuple(nats(2, 3, 1), fc.constantFrom(2, 4, 6, 8), anyDtype(sample.dtypes), fc.boolean(), fc.boolean())
    .chain(([[batch = 1, length = 1], width, dtype, deep, hasBase]) => {
      const offsets = fc.oneof<fc.Arbitrary<Given>[]>(fc.nat(5), indexTensor([], 6, { negative: false }));
      return fc
        .integer({ min: 1, max: width / 2 })
        .chain((half) =>
          values(
            tensor(deep ? [batch, 2, length, width] : [batch, length, width], dtype, sample.values),
            fc.constant(2 * half),
            fc.boolean(),
            fc.constant(hasBase ? 10000 : null),
            fc.constantFrom(1, 0.5),
            offsets,
            hasBase ? fc.constant(OMITTED) : tensor([half], float32, elementOf(float32, 'positive')),
          ),
        );
    });
}

function masks(shape: readonly number[], dtype: Dtype): fc.Arbitrary<Given> {
  const array = (kind: Dtype) => partnerOf(shape).chain((partner) => tensor(partner, kind, elementOf(kind, 'unit')));
  return fc.oneof<fc.Arbitrary<Given>[]>(fc.constant(null), fc.constant('causal'), array(bool), array(dtype));
}

function attention({ sample }: Operation): fc.Arbitrary<ParameterValues> {
  return fc
    .tuple(nats(4, 3, 1), fc.integer({ min: 1, max: 6 }), anyDtype(sample.dtypes))
    .chain(([[batch = 1, heads = 1, share = 1, queries = 1], extra, dtype]) => {
      const [width, sources] = [8, queries + extra - 1];
      const make = (...shape: number[]): fc.Arbitrary<TensorRecipe> => tensor(shape, dtype, sample.values);
      return values(
        make(batch, heads * share, queries, width),
        make(batch, heads, sources, width),
        make(batch, heads, sources, width),
        fc.constantFrom(1, 0.125),
        maybe(masks([batch, heads * share, queries, sources], dtype)),
        maybe(orNull(make(heads * share))),
        maybe(fc.constant(false)),
      );
    });
}

function adamStep({ sample }: Operation): fc.Arbitrary<ParameterValues> {
  return anyTensor(sample).chain((parameter) => {
    const { shape, dtype } = parameter;
    return values(
      fc.constant(parameter),
      fc.oneof(tensor(shape, dtype, sample.values), tensor(shape, float32, sample.values)),
      tensor(shape, dtype, sample.values),
      tensor(shape, dtype, elementOf(dtype, 'positive')),
      tensor([], float32, elementOf(float32, 'positive')),
      fc.constantFrom(0.9, 0.5),
      fc.constantFrom(0.999, 0.9),
      fc.constantFrom(1e-8, 0.1),
      maybe(fc.constantFrom(0, 0.01)),
    );
  });
}

export const fast = {
  rms_norm: normalised(1),
  layer_norm: normalised(2),
  cross_entropy: crossEntropy,
  rope,
  attention,
  adam_step: adamStep,
} satisfies SpecialGenerators;
