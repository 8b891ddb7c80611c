import fc from 'fast-check';
import { int32, uint32 } from '../../../foundation/values/dtypes.ts';
import { Slice } from '../../../foundation/values/values.ts';
import type { Operation } from '../../../registry/operation.ts';
import { type Given, type ParameterValues, sizeOf, TensorRecipe } from '../../call.ts';
import { differentAxes } from '../parameters.ts';
import { broadcastPartners, partnerOf, shapes } from '../shapes.ts';
import { anyTensor, tensor } from '../tensors.ts';
import { anyAxis, fromFront, indexTensor, nats, type SpecialGenerators, sizeAlong, values } from './tools.ts';
import { write } from './writing.ts';

const bound = fc.option(fc.integer({ min: -7, max: 7 }), { nil: null });
const slice = fc
  .tuple(bound, bound, fc.option(fc.constantFrom(1, 2, 3, -1, -2), { nil: null }))
  .map(([start, stop, step]) => new Slice(start, stop, step));

/** One part of an index for an axis of that size. */
function part(size: number, partner: readonly number[]): fc.Arbitrary<Given> {
  if (size === 0) return slice;
  return fc.oneof<fc.Arbitrary<Given>[]>(
    slice,
    fc.integer({ min: -size, max: size - 1 }),
    indexTensor(partner, size),
    nats(2, size - 1, -size),
  );
}

/** Parts for the first axes or the last, with new axes between; index tensors among them broadcast together. */
function indexOf(shape: readonly number[]): fc.Arbitrary<Given[]> {
  return fc
    .tuple(fc.nat(shape.length), shapes({ maxRank: 2, maxSize: 3 }), fc.boolean())
    .chain(([count, together, last]) =>
      broadcastPartners(together, shape.length).chain((partners) => {
        const axes = shape.slice(last ? shape.length - count : 0, last ? undefined : count);
        // A list of two broadcasts with nothing but sizes 1 and 2, which the partners need not have.
        const parts = axes.map((size, i) =>
          part(size, partners[i] ?? []).filter((given) => !Array.isArray(given) || axes.length === 1),
        );
        return fc.tuple(fc.tuple(...parts), fc.nat(8), fc.nat(count)).map(([given, extra, at]) => {
          const list: Given[] = [...given];
          if (extra === 0) list.splice(at, 0, null);
          if (last) list.unshift('...');
          return list.length === 0 ? ['...'] : list;
        });
      }),
    );
}

/** A start and a size of a block along some axes, the size of every axis first. */
function blocks(shape: readonly number[]): fc.Arbitrary<{ axes: number[]; sizes: number[]; start: TensorRecipe }> {
  return differentAxes(shape.length, 1).chain((axes) =>
    fc.tuple(...shape.map((size) => fc.integer({ min: 1, max: size }))).chain((drawn) => {
      const front = axes.map((axis) => fromFront(axis, shape.length));
      const sizes = shape.map((size, axis) => (front.includes(axis) ? (drawn[axis] ?? size) : size));
      const starts = front.map((axis) => fc.nat((shape[axis] ?? 0) - (sizes[axis] ?? 0)));
      return fc
        .tuple(fc.tuple(...starts), fc.constantFrom(int32, uint32))
        .map(([start, dtype]) => ({ axes, sizes, start: new TensorRecipe(dtype, [start.length], start) }));
    }),
  );
}

/** Along each line a few different places of the axis. */
function distinctAlong(shape: readonly number[], axis: number, size: number): fc.Arbitrary<TensorRecipe> {
  const lines = sizeOf(shape) / Math.max(shape[axis] ?? 1, 1);
  const length = shape[axis] ?? 1;
  const places = Array.from({ length: size }, (_, i) => i);
  const line = fc.shuffledSubarray(places, { minLength: length, maxLength: length });
  const inner = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  return fc.array(line, { minLength: lines, maxLength: lines }).map((drawn) => {
    const elements = Array<number>(sizeOf(shape)).fill(0);
    for (const [i, list] of drawn.entries()) {
      const base = Math.floor(i / inner) * inner * length + (i % inner);
      for (const [k, place] of list.entries()) elements[base + k * inner] = place;
    }
    return new TensorRecipe(int32, shape, elements);
  });
}

/** The flat shape where the axis is null or left out. */
function lined(shape: readonly number[], axis: unknown): { line: readonly number[]; at: number } {
  if (typeof axis !== 'number') return { line: [sizeOf(shape)], at: 0 };
  return { line: shape, at: fromFront(axis, shape.length) };
}

function along(
  operation: Operation,
  rest: (line: readonly number[], at: number, a: TensorRecipe) => readonly fc.Arbitrary<Given>[],
): fc.Arbitrary<ParameterValues> {
  return anyTensor(operation.sample, { minRank: 1, minSize: 1, maxRank: 3 }).chain((a) =>
    anyAxis(a.shape.length).chain((axis) => {
      const { line, at } = lined(a.shape, axis);
      return values(fc.constant(a), ...rest(line, at, a), fc.constant(axis));
    }),
  );
}

export const indexing = {
  'index-write': write,
  index: (operation: Operation) => anyTensor(operation.sample).chain((a) => values(fc.constant(a), indexOf(a.shape))),
  take: (operation: Operation) =>
    anyTensor(operation.sample, { minRank: 1, minSize: 1 }).chain((a) =>
      anyAxis(a.shape.length).chain((axis) => {
        const size = sizeAlong(a.shape, axis);
        const indices = fc.oneof<fc.Arbitrary<Given>[]>(
          shapes({ maxRank: 2, maxSize: 4 }).chain((shape) => indexTensor(shape, size)),
          fc.integer({ min: -size, max: size - 1 }),
          nats(3, size - 1, -size),
        );
        return values(fc.constant(a), indices, fc.constant(axis));
      }),
    ),
  take_along_axis: (operation: Operation) =>
    along(operation, (line, at) => [
      fc.nat(4).chain((count) =>
        indexTensor(
          line.map((size, axis) => (axis === at ? count : size)),
          line[at] ?? 1,
        ),
      ),
    ]),
  put_along_axis: (operation: Operation) =>
    anyTensor(operation.sample, { minRank: 1, minSize: 1, maxRank: 3 }).chain((a) =>
      fc.tuple(anyAxis(a.shape.length), fc.nat(4)).chain(([axis, drawn]) => {
        const { line, at } = lined(a.shape, axis);
        const size = line[at] ?? 1;
        const target = line.map((extent, i) => (i === at ? Math.min(drawn, size) : extent));
        return values(
          fc.constant(a),
          distinctAlong(target, at, size),
          partnerOf(target).chain((partner) => tensor(partner, a.dtype, operation.sample.values)),
          fc.constant(axis),
        );
      }),
    ),
  slice: (operation: Operation) =>
    anyTensor(operation.sample, { minRank: 1, minSize: 1 }).chain((a) =>
      blocks(a.shape).map(({ axes, sizes, start }): ParameterValues => [a, start, axes, sizes]),
    ),
  slice_update: (operation: Operation) =>
    anyTensor(operation.sample, { minRank: 1, minSize: 1 }).chain((a) =>
      blocks(a.shape).chain(({ axes, sizes, start }) =>
        tensor(sizes, a.dtype, operation.sample.values).map((update): ParameterValues => [a, update, start, axes]),
      ),
    ),
} satisfies SpecialGenerators;
