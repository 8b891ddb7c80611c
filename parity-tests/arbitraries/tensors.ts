import fc from 'fast-check';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import type { Element } from '../../foundation/values/values.ts';
import type { Sample, ValueSet } from '../../registry/sample.ts';
import { sizeOf, TensorRecipe } from '../call.ts';
import { anyDtype } from './dtypes.ts';
import { layouts } from './layouts.ts';
import { type ShapeLimits, shapes } from './shapes.ts';
import { elementOf } from './values.ts';

function listOf<T>(arbitrary: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> {
  return fc.array(arbitrary, { minLength: length, maxLength: length });
}

/** A tensor of that shape and dtype in any memory layout. */
export function tensor(
  shape: readonly number[],
  dtype: Dtype,
  values: ValueSet | fc.Arbitrary<Element>,
): fc.Arbitrary<TensorRecipe> {
  const element = typeof values === 'string' ? elementOf(dtype, values) : values;
  return layouts(shape).chain(({ baseShape, steps }) =>
    listOf(element, sizeOf(baseShape)).map((elements) => new TensorRecipe(dtype, shape, elements, baseShape, steps)),
  );
}

/** A tensor in row-major order whose elements depend on each other. */
export function tensorFrom<T extends Element>(
  shape: readonly number[],
  dtype: Dtype,
  elements: fc.Arbitrary<T[]>,
): fc.Arbitrary<TensorRecipe> {
  return elements.map((list) => new TensorRecipe(dtype, shape, list));
}

/** A tensor of any shape within the limits, as the sample says. */
export function anyTensor(
  sample: Pick<Sample, 'dtypes' | 'values'>,
  limits: ShapeLimits = {},
): fc.Arbitrary<TensorRecipe> {
  return fc
    .tuple(shapes(limits), anyDtype(sample.dtypes))
    .chain(([shape, dtype]) => tensor(shape, dtype, sample.values));
}
