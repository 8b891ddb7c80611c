import fc from 'fast-check';
import type { Operation } from '../../../registry/operation.ts';
import { OMITTED, type ParameterValues } from '../../call.ts';
import { axisOf, differentAxes } from '../parameters.ts';
import { anyTensor } from '../tensors.ts';
import { afterTensor, maybe, nats, orNull, type SpecialGenerators, values } from './tools.ts';

const norm = maybe(fc.constantFrom('backward', 'ortho', 'forward'));

const one = afterTensor({ minRank: 1, minSize: 1, maxRank: 3 }, (a) => [
  maybe(orNull(fc.integer({ min: 1, max: 16 }))),
  maybe(axisOf(a.shape.length)),
  norm,
]);

/** `all`: axes may be null, for all of them. */
function several(all: boolean) {
  return (operation: Operation): fc.Arbitrary<ParameterValues> =>
    anyTensor(operation.sample, { minRank: 2, minSize: 1, maxRank: 3 }).chain((a) => {
      const rank = a.shape.length;
      const axes = all ? differentAxes(rank, 1) : differentAxes(rank, 2, 2);
      const chosen = axes.chain((list) =>
        fc.tuple(orNull(nats(list.length, 8, 1)), norm).map(([s, how]): ParameterValues => [a, s, list, how]),
      );
      const plain = norm.map((how): ParameterValues => [a, OMITTED, OMITTED, how]);
      return fc.oneof(chosen, plain);
    });
}

const frequencies = () => values(fc.integer({ min: 1, max: 64 }), maybe(fc.constantFrom(1, 0.5, 0.1, 3, -2)));

export const fft = {
  'fft-axis': one,
  'fft-two-axes': several(false),
  'fft-axes': several(true),
  'fft-frequencies': frequencies,
} satisfies SpecialGenerators;
