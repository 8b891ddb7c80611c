import fc from 'fast-check';
import { bool, type Dtype, uint32 } from '../../../foundation/values/dtypes.ts';
import type { Operation } from '../../../registry/operation.ts';
import { type Given, OMITTED, type ParameterValues, sizeOf, TensorRecipe } from '../../call.ts';
import { anyDtype, dtypesFor } from '../dtypes.ts';
import { squareTensor } from '../matrices.ts';
import { axisOf } from '../parameters.ts';
import { partnerOf, type ShapeLimits, shapes } from '../shapes.ts';
import { anyTensor, tensor } from '../tensors.ts';
import { elementOf } from '../values.ts';
import { einsum } from './einsum.ts';
import { afterMatrix, axisPair } from './shape.ts';
import { finiteNumber, indexTensor, maybe, nats, orNull, type SpecialGenerators, values } from './tools.ts';

const batches = shapes({ maxRank: 2, minSize: 1, maxSize: 3 });
const sizes = nats(3, 6, 1);

/** As many tensors as shapes, of one dtype or several. */
function tensorsOf(operation: Operation, targets: readonly (readonly number[])[]): fc.Arbitrary<TensorRecipe[]> {
  const { sample } = operation;
  return dtypesFor(targets.length, sample.dtypes).chain((dtypes) =>
    fc.tuple(...targets.map((target, i) => tensor(target, dtypes[i] as Dtype, sample.values))),
  );
}

function solving(operation: Operation): fc.Arbitrary<TensorRecipe[]> {
  return fc
    .tuple(batches, fc.integer({ min: 1, max: 5 }), fc.nat(3), anyDtype(operation.sample.dtypes))
    .chain(([batch, n, columns, dtype]) =>
      fc.tuple(
        squareTensor(batch, n, dtype, 'square'),
        tensor(columns === 0 ? [n] : [...batch, n, columns], dtype, operation.sample.values),
      ),
    );
}

const vectorOrders: readonly Given[] = [null, 0, 1, 2, 3, -1, 0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const matrixOrders: readonly Given[] = [
  null,
  'fro',
  'nuc',
  1,
  -1,
  2,
  -2,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

function norm(operation: Operation): fc.Arbitrary<ParameterValues> {
  return anyTensor(operation.sample, { minRank: 1, minSize: 1 }).chain((a) => {
    const rank = a.shape.length;
    const flat = fc.constant<ParameterValues>([a, OMITTED, OMITTED]);
    const vector = fc
      .tuple(fc.constantFrom(...vectorOrders), axisOf(rank))
      .map(([ord, axis]): ParameterValues => [a, ord, axis]);
    const matrix = fc
      .tuple(fc.constantFrom(...matrixOrders), rank < 2 ? fc.constant([0]) : axisPair(rank))
      .map(([ord, axes]): ParameterValues => [a, axes.length === 2 ? ord : null, axes]);
    return fc
      .tuple(fc.oneof(flat, vector, matrix), maybe(fc.boolean()))
      .map(([given, keepdims]) => [...given, keepdims]);
  });
}

function tensordot(operation: Operation): fc.Arbitrary<ParameterValues> {
  return fc
    .tuple(nats(2, 4, 1), nats(2, 4, 1), nats(2, 3), fc.boolean())
    .chain(([shared, [m = 1, n = 1], [count = 0], lists]) => {
      const contracted = shared.slice(0, Math.min(count, 2));
      const axes: Given = lists ? [contracted.map((_, i) => i + 1), contracted.map((_, i) => i)] : contracted.length;
      return tensorsOf(operation, [
        [m, ...contracted],
        [...contracted, n],
      ]).map(([a, b]): ParameterValues => [a, b, axes]);
    });
}

function addmm(operation: Operation): fc.Arbitrary<ParameterValues> {
  return fc
    .tuple(batches, sizes)
    .chain(([batch, [m = 1, k = 1, n = 1]]) =>
      partnerOf([...batch, m, n]).chain((c) =>
        tensorsOf(operation, [c, [...batch, m, k], [...batch, k, n]]).chain((tensors) =>
          values(...tensors.map((given) => fc.constant(given)), maybe(finiteNumber), maybe(finiteNumber)),
        ),
      ),
    );
}

function inner(operation: Operation): fc.Arbitrary<ParameterValues> {
  return fc
    .tuple(shapes({ maxRank: 2 }), shapes({ maxRank: 2 }), fc.integer({ min: 0, max: 9 }), fc.nat(4))
    .chain(([left, right, k, form]) =>
      tensorsOf(
        operation,
        form === 0
          ? [[], right]
          : [
              [...left, k],
              [...right, k],
            ],
      ),
    );
}

function blockMasked(operation: Operation): fc.Arbitrary<ParameterValues> {
  return fc
    .tuple(nats(3, 80, 1), fc.constantFrom(32, 64), fc.boolean())
    .chain(([[m = 1, k = 1, n = 1], block, batched]) => {
      const batch = batched ? [2] : [];
      const blocks = (...lengths: number[]) => [...batch, ...lengths.map((length) => Math.ceil(length / block))];
      const mask = (shape: number[]) => maybe(orNull(tensor(shape, bool, elementOf(bool, 'any'))));
      return tensorsOf(operation, [
        [...batch, m, k],
        [...batch, k, n],
      ]).chain(([a, b]) =>
        values(
          fc.constant(a),
          fc.constant(b),
          fc.constant(block),
          mask(blocks(m, n)),
          mask(blocks(m, k)),
          mask(blocks(k, n)),
        ),
      );
    });
}

function gatherMm(operation: Operation): fc.Arbitrary<ParameterValues> {
  return fc
    .tuple(nats(2, 3, 1), sizes, shapes({ maxRank: 2, minSize: 1, maxSize: 3 }))
    .chain(([[p = 1, q = 1], [m = 1, k = 1, n = 1], picked]) =>
      tensorsOf(operation, [
        [p, m, k],
        [q, k, n],
      ]).chain(([a, b]) => {
        const picks = (size: number) => indexTensor(picked, size, { negative: false, dtypes: [uint32] });
        return values(fc.constant(a), fc.constant(b), picks(p), picks(q), fc.constant(OMITTED));
      }),
    );
}

function segmented(operation: Operation): fc.Arbitrary<ParameterValues> {
  return fc.tuple(sizes, fc.integer({ min: 1, max: 3 })).chain(([[m = 1, k = 1, n = 1], count]) =>
    fc
      .tuple(
        anyDtype(operation.sample.dtypes).chain((dtype) =>
          fc.tuple(tensor([m, k], dtype, 'finite'), tensor([k, n], dtype, 'finite')),
        ),
        fc.array(nats(2, k), { minLength: count, maxLength: count }),
      )
      .map(([[a, b], ranges]): ParameterValues => {
        const flat = ranges.flatMap((range) => range.sort((x, y) => x - y));
        return [a, b, new TensorRecipe(uint32, [count, 2], flat)];
      }),
  );
}

function cross(operation: Operation): fc.Arbitrary<ParameterValues> {
  const lengths = fc.constantFrom([3, 3], [2, 3], [3, 2], [2, 2]);
  return fc.tuple(shapes({ maxRank: 2, minSize: 1 }), lengths, fc.boolean()).chain(([batch, [p = 3, q = 3], front]) => {
    const put = (length: number) => (front ? [length, ...batch] : [...batch, length]);
    return tensorsOf(operation, [put(p), put(q)]).map(([a, b]): ParameterValues => [a, b, front ? 0 : OMITTED]);
  });
}

/** Two tensors of any shapes, of so many elements at most. */
function pairs(limits: ShapeLimits, most: number) {
  const small = shapes(limits).filter((drawn) => sizeOf(drawn) <= most);
  return (operation: Operation) => fc.tuple(small, small).chain((targets) => tensorsOf(operation, targets));
}

export const linalg = {
  addmm,
  einsum,
  inner,
  outer: pairs({ maxRank: 2 }, 64),
  kron: pairs({ maxRank: 3 }, 16),
  tensordot,
  trace: (operation: Operation) =>
    fc
      .tuple(afterMatrix(operation), maybe(anyDtype(operation.sample.dtypes)))
      .map(([given, dtype]): ParameterValues => [...given, dtype]),
  block_masked_mm: blockMasked,
  gather_mm: gatherMm,
  segmented_mm: segmented,
  norm,
  cross,
  solve: solving,
  solve_triangular: (operation: Operation) =>
    fc.tuple(solving(operation), maybe(fc.boolean())).map(([given, upper]): ParameterValues => [...given, upper]),
} satisfies SpecialGenerators;
