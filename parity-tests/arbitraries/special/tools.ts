import fc from 'fast-check';
import { type Dtype, int32, int64, isIntegral, uint8, uint32 } from '../../../foundation/values/dtypes.ts';
import type { Operation } from '../../../registry/operation.ts';
import type { SpecialGenerator } from '../../../registry/sample.ts';
import { type Given, OMITTED, type Omitted, type ParameterValues, sizeOf, type TensorRecipe } from '../../call.ts';
import type { ArgumentsFor } from '../generators.ts';
import { axisOf } from '../parameters.ts';
import type { ShapeLimits } from '../shapes.ts';
import { anyTensor, tensor } from '../tensors.ts';

/** Some of those that rows name, and none that no row names. */
export type SpecialGenerators = Partial<Record<SpecialGenerator, ArgumentsFor>>;

type Parts = readonly fc.Arbitrary<Given | Omitted>[];

/** One arbitrary for each parameter. */
export function values(...parts: Parts): fc.Arbitrary<ParameterValues> {
  return fc.tuple(...parts);
}

/** A tensor, then arguments that depend on it. */
export function afterTensor(
  limits: ShapeLimits,
  rest: (a: TensorRecipe, operation: Operation) => Parts,
): (operation: Operation) => fc.Arbitrary<ParameterValues> {
  return (operation) => anyTensor(operation.sample, limits).chain((a) => values(fc.constant(a), ...rest(a, operation)));
}

/** Left out now and then. */
export function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | Omitted> {
  return fc.oneof({ arbitrary: fc.constant<Omitted>(OMITTED), weight: 1 }, { arbitrary, weight: 2 });
}

/** null now and then. */
export function orNull<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ arbitrary: fc.constant(null), weight: 1 }, { arbitrary, weight: 3 });
}

/** The axis from the front, of one counted from either end. */
export function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The size along an axis counted from either end; of all elements where the axis is null or left out. */
export function sizeAlong(shape: readonly number[], axis: number | null | Omitted): number {
  return typeof axis === 'number' ? (shape[fromFront(axis, shape.length)] ?? 1) : sizeOf(shape);
}

/** An axis, null or nothing. */
export function anyAxis(rank: number): fc.Arbitrary<number | null | Omitted> {
  const axis = axisOf(rank);
  return fc.oneof<fc.Arbitrary<number | null | Omitted>[]>(axis, axis, fc.constant(null), fc.constant(OMITTED));
}

const INDEX_DTYPES: readonly Dtype[] = [int32, uint32, int64, uint8];

/** Integers below `size`, negative ones included where the dtype has them. Nothing but zeros if `size` is 0. */
export function indexTensor(
  shape: readonly number[],
  size: number,
  options: { readonly negative?: boolean; readonly dtypes?: readonly Dtype[] } = {},
): fc.Arbitrary<TensorRecipe> {
  const { negative = true, dtypes = INDEX_DTYPES } = options;
  return fc.constantFrom(...dtypes.filter(isIntegral)).chain((dtype) => {
    const min = dtype.kind === 'int' && negative ? -size : 0;
    const numbers = fc.integer({ min, max: Math.max(size - 1, 0) });
    return tensor(shape, dtype, dtype.size === 8 ? numbers.map(BigInt) : numbers);
  });
}

/** A finite number, as JavaScript writes it. */
export const finiteNumber = fc.oneof(
  fc.integer({ min: -10, max: 10 }),
  fc.integer({ min: -4000, max: 4000 }).map((n) => n / 64),
);

export function nats(length: number, max: number, min = 0): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min, max }), { minLength: length, maxLength: length });
}
