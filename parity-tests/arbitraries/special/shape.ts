import fc from 'fast-check';
import type { Operation } from '../../../registry/operation.ts';
import { type Given, OMITTED, type ParameterValues, sizeOf } from '../../call.ts';
import { dtypesFor } from '../dtypes.ts';
import { axisOf, differentAxes } from '../parameters.ts';
import { weakNumber } from '../scalars.ts';
import { broadcastPartners, permutations, shapes } from '../shapes.ts';
import { anyTensor, tensor } from '../tensors.ts';
import {
  afterTensor,
  anyAxis,
  fromFront,
  maybe,
  nats,
  orNull,
  type SpecialGenerators,
  sizeAlong,
  values,
} from './tools.ts';

/** Ways to write a number as a product, with one factor left to -1 now and then. */
function factors(size: number): fc.Arbitrary<number[]> {
  if (size === 0) return fc.constantFrom([0], [0, 3], [2, 0, 1]);
  const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((n) => size % n === 0);
  return fc
    .tuple(fc.constantFrom(...divisors), fc.nat(2), fc.integer({ min: -1, max: 2 }))
    .map(([first, ones, hidden]) => {
      const shape = [first, ...Array<number>(ones).fill(1), size / first];
      return shape.map((factor, i) => (i === hidden ? -1 : factor));
    });
}

const twoAxes = afterTensor({ minRank: 1 }, (a) => [axisOf(a.shape.length), axisOf(a.shape.length)]);

/** Two different axes, either counted from any end. */
export function axisPair(rank: number): fc.Arbitrary<number[]> {
  return differentAxes(rank, 2, 2);
}

/** A permutation with some axes counted from the end. */
function orders(rank: number): fc.Arbitrary<number[]> {
  return fc
    .tuple(permutations(rank), fc.array(fc.boolean(), { minLength: rank, maxLength: rank }))
    .map(([axes, negative]) => axes.map((axis, i) => (negative[i] ? axis - rank : axis)));
}

function ascending(size: number): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(size), { maxLength: 3 }).map((cuts) => cuts.sort((x, y) => x - y));
}

const padWidth = (rank: number): fc.Arbitrary<Given> =>
  fc.oneof<fc.Arbitrary<Given>[]>(fc.nat(3), nats(2, 3), fc.array(nats(2, 3), { minLength: rank, maxLength: rank }));

function sameShaped({ sample }: Operation) {
  return fc
    .tuple(shapes({ maxRank: 3 }), fc.integer({ min: 1, max: 4 }))
    .chain(([shape, count]) => dtypesFor(count, sample.dtypes).map((dtypes) => ({ shape, dtypes })))
    .chain(({ shape, dtypes }) => fc.tuple(...dtypes.map((dtype) => tensor(shape, dtype, sample.values))));
}

/** Shapes and strides whose every address is below `size`. */
function stridedViews(size: number): fc.Arbitrary<[number[], number[], number]> {
  return nats(2, 3, 1).chain(([rows = 1, columns = 1]) =>
    fc
      .tuple(nats(2, 3), fc.nat(Math.max(size - 1, 0)))
      .map(([[down = 0, right = 0], offset]): [number[], number[], number] => {
        const reach = (rows - 1) * down + (columns - 1) * right + offset;
        return reach < size ? [[rows, columns], [down, right], offset] : [[Math.min(size, 2)], [1], 0];
      }),
  );
}

export const shape = {
  reshape: afterTensor({}, (a) => [factors(sizeOf(a.shape))]),
  flatten: (operation: Operation) =>
    anyTensor(operation.sample).chain((a) => {
      const rank = a.shape.length;
      const ends = rank === 0 ? fc.constant([0, -1]) : nats(2, rank - 1).map((pair) => pair.sort((x, y) => x - y));
      return fc
        .tuple(ends, fc.boolean(), fc.boolean())
        .map(([[start = 0, end = 0], plain, negative]): ParameterValues => {
          if (plain) return [a, OMITTED, OMITTED];
          return [a, start, negative && rank > 0 ? end - rank : end];
        });
    }),
  unflatten: (operation: Operation) =>
    anyTensor(operation.sample, { minRank: 1, minSize: 1 }).chain((a) =>
      axisOf(a.shape.length).chain((axis) =>
        values(fc.constant(a), fc.constant(axis), factors(sizeAlong(a.shape, axis))),
      ),
    ),
  squeeze: ({ sample }: Operation) =>
    shapes({ maxRank: 4, maxSize: 4 })
      .chain((drawn) =>
        anyTensor({ ...sample }, {}).map(({ dtype }) => ({ drawn: drawn.map((n) => (n > 2 ? 1 : n)), dtype })),
      )
      .chain(({ drawn, dtype }) => tensor(drawn, dtype, sample.values))
      .chain((a) => {
        const ones = a.shape.flatMap((size, axis) => (size === 1 ? [axis, axis - a.shape.length] : []));
        const lists = fc.subarray(ones.filter((axis) => axis >= 0)).map((axes) => axes as Given);
        const axis =
          ones.length === 0
            ? fc.constant<Given>(null)
            : fc.oneof<fc.Arbitrary<Given>[]>(fc.constantFrom(...ones), lists, fc.constant(null));
        return values(fc.constant(a), maybe(axis));
      }),
  expand_dims: afterTensor({ maxRank: 3 }, (a) => {
    const rank = a.shape.length;
    return [
      fc.oneof<fc.Arbitrary<Given>[]>(
        axisOf(rank + 1),
        differentAxes(rank + 2, 1, 2).map((axes) => (axes.length === 1 ? [axisIn(axes[0] ?? 0, rank + 1)] : axes)),
      ),
    ];
  }),
  'two-axes': twoAxes,
  transpose: afterTensor({}, (a) => [maybe(orNull(orders(a.shape.length)))]),
  broadcast_to: (operation: Operation) =>
    fc.tuple(shapes(), dtypesFor(1, operation.sample.dtypes), fc.nat(6)).chain(([target, [dtype], weak]) => {
      if (dtype === undefined) throw new TypeError('no dtype');
      const given =
        weak === 0
          ? weakNumber(dtype)
          : broadcastPartners(target, 1).chain(([partner = []]) => tensor(partner, dtype, operation.sample.values));
      return values(given, fc.constant(target));
    }),
  stack: (operation: Operation) =>
    sameShaped(operation).chain((list) => values(fc.constant(list), maybe(axisOf((list[0]?.shape.length ?? 0) + 1)))),
  split: (operation: Operation) =>
    anyTensor(operation.sample, { minRank: 1 }).chain((a) =>
      axisOf(a.shape.length).chain((axis) => {
        const size = sizeAlong(a.shape, axis);
        const divisors = [1, 2, 3, 4, 5].filter((n) => size % n === 0);
        return values(
          fc.constant(a),
          fc.oneof<fc.Arbitrary<Given>[]>(fc.constantFrom(...divisors), ascending(size)),
          fc.constant(axis),
        );
      }),
    ),
  repeat: afterTensor({ minSize: 1 }, (a) => [fc.nat(3), anyAxis(a.shape.length)]),
  tile: afterTensor({ maxRank: 3 }, () => [
    fc.oneof<fc.Arbitrary<Given>[]>(fc.nat(3), fc.array(fc.nat(3), { minLength: 1, maxLength: 4 })),
  ]),
  pad: (operation: Operation) =>
    fc.constantFrom('constant', 'edge', 'reflect', 'symmetric').chain((mode) => {
      const folds = mode === 'reflect' || mode === 'symmetric';
      const limits = { minRank: 1, minSize: mode === 'constant' ? 0 : folds ? 4 : 1 };
      return anyTensor(operation.sample, limits).chain((a) =>
        values(
          fc.constant(a),
          padWidth(a.shape.length),
          mode === 'constant' ? maybe(fc.constant(mode)) : fc.constant(mode),
          maybe(weakNumber(a.dtype)),
        ),
      );
    }),
  roll: (operation: Operation) =>
    anyTensor(operation.sample).chain((a) => {
      const rank = a.shape.length;
      const shift = fc.integer({ min: -12, max: 12 });
      const alone = fc
        .oneof<fc.Arbitrary<Given>[]>(shift, nats(2, 5, -5))
        .map((by): ParameterValues => [a, by, OMITTED]);
      if (rank === 0) return alone;
      const one = fc.tuple(shift, axisOf(rank)).map(([by, axis]): ParameterValues => [a, by, axis]);
      const several = differentAxes(rank, 1).chain((axes) =>
        nats(axes.length, 7, -7).map((by): ParameterValues => [a, by, axes]),
      );
      return fc.oneof(alone, one, several);
    }),
  diagonal: afterMatrix,
  diag: afterTensor({ minRank: 1, maxRank: 2 }, () => [maybe(fc.integer({ min: -3, max: 3 }))]),
  as_strided: (operation: Operation) =>
    anyTensor(operation.sample, { minRank: 1, maxRank: 2, minSize: 1 }).chain((a) =>
      fc.oneof(
        stridedViews(sizeOf(a.shape)).map(([to, strides, offset]): ParameterValues => [a, to, strides, offset]),
        fc.constant<ParameterValues>([a, OMITTED, OMITTED, OMITTED]),
      ),
    ),
  broadcast_arrays: ({ sample }: Operation) =>
    fc
      .tuple(shapes(), fc.integer({ min: 1, max: 3 }))
      .chain(([target, count]) => fc.tuple(broadcastPartners(target, count), dtypesFor(count, sample.dtypes)))
      .chain(([partners, dtypes]) =>
        values(fc.tuple(...partners.map((partner, i) => tensor(partner, dtypes[i] ?? dtypes[0]!, sample.values)))),
      ),
  meshgrid: ({ sample }: Operation) =>
    values(
      fc.array(anyTensor(sample, { minRank: 1, maxRank: 1, minSize: 1 }), { minLength: 1, maxLength: 3 }),
      maybe(fc.boolean()),
      maybe(fc.constantFrom('xy', 'ij')),
    ),
} satisfies SpecialGenerators;

function axisIn(axis: number, rank: number): number {
  return Math.min(fromFront(axis, rank + 1), rank - 1);
}

/** A tensor of rank 2 or more, an offset and two different axes of it. */
export function afterMatrix(operation: Operation): fc.Arbitrary<ParameterValues> {
  return anyTensor(operation.sample, { minRank: 2 }).chain((a) =>
    fc.tuple(fc.integer({ min: -3, max: 3 }), axisPair(a.shape.length), fc.boolean()).map(([offset, pair, plain]) => {
      return plain ? [a, offset, OMITTED, OMITTED] : [a, offset, ...pair];
    }),
  );
}
