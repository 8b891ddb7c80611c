import fc from 'fast-check';
import { Slice } from '../../../foundation/values/values.ts';
import type { Operation } from '../../../registry/operation.ts';
import type { Given, ParameterValues } from '../../call.ts';
import { weakNumber } from '../scalars.ts';
import { partnerOf } from '../shapes.ts';
import { anyTensor, tensor } from '../tensors.ts';
import { values } from './tools.ts';

interface Part {
  readonly given: Given;
  /** How many places of the axis it picks; undefined for a number, which takes the axis away. */
  readonly picked?: number;
}

function slices(size: number): fc.Arbitrary<Part> {
  return fc.tuple(fc.nat(size), fc.nat(size), fc.constantFrom(1, 2, -1)).map(([one, other, step]) => {
    const [low, high] = [Math.min(one, other), Math.max(one, other)];
    if (step < 0) return { given: new Slice(null, null, -1), picked: size };
    return { given: new Slice(low, high, step), picked: Math.ceil((high - low) / step) };
  });
}

/** Different places, so that the order of writing does not matter. */
function places(size: number): fc.Arbitrary<Part> {
  const all = Array.from({ length: size }, (_, i) => i);
  return fc
    .tuple(fc.shuffledSubarray(all, { minLength: 1 }), fc.boolean())
    .map(([list, negative]) => ({ given: list.map((i) => (negative ? i - size : i)), picked: list.length }));
}

function numbers(size: number): fc.Arbitrary<Part> {
  return fc.integer({ min: -size, max: size - 1 }).map((given) => ({ given }));
}

/** Numbers and slices, or slices and one list of places, for the first axes. */
function indexOf(shape: readonly number[]): fc.Arbitrary<Part[]> {
  return fc.tuple(fc.nat(shape.length), fc.nat(shape.length), fc.boolean()).chain(([count, listed, lists]) =>
    fc.tuple(
      ...shape.slice(0, count).map((size, axis) => {
        if (lists) return axis === listed ? places(size) : slices(size);
        return fc.oneof(slices(size), numbers(size));
      }),
    ),
  );
}

/** The tensor, an index that picks no place twice, and a value that broadcasts to what it picks. */
export function write(operation: Operation): fc.Arbitrary<ParameterValues> {
  const { sample } = operation;
  return anyTensor(sample, { minSize: 1 }).chain((a) =>
    indexOf(a.shape).chain((parts) => {
      const picked = parts.flatMap(({ picked }) => (picked === undefined ? [] : [picked]));
      const target = [...picked, ...a.shape.slice(parts.length)];
      const written = fc.oneof<fc.Arbitrary<Given>[]>(
        weakNumber(a.dtype),
        partnerOf(target).chain((shape) => tensor(shape, a.dtype, sample.values)),
      );
      const index = parts.length === 0 ? ['...'] : parts.map(({ given }) => given);
      return values(fc.constant(a), fc.constant(index), written);
    }),
  );
}
