import fc from 'fast-check';
import { Slice } from '../../foundation/values/values.ts';
import type { ViewStep } from '../call.ts';
import { permutations } from './shapes.ts';

/** The shape to fill with elements, and the views of it that give the shape asked for. */
export interface Layout {
  readonly baseShape: readonly number[];
  readonly steps: readonly ViewStep[];
}

/** Memory layouts of a shape: row-major mostly, else transposed, strided or broadcast. */
export function layouts(shape: readonly number[]): fc.Arbitrary<Layout> {
  const plain = { arbitrary: fc.constant<Layout>({ baseShape: shape, steps: [] }), weight: 4 };
  // A reduction over an empty axis never ends in MLX 0.32.2 unless the tensor is row-major.
  if (shape.length === 0 || shape.includes(0)) return plain.arbitrary;
  const views = [{ arbitrary: strided(shape), weight: 1 }];
  if (shape.length > 1) views.push({ arbitrary: transposed(shape), weight: 1 });
  if (shape.some((size) => size > 1)) views.push({ arbitrary: repeated(shape), weight: 1 });
  return fc.oneof({ withCrossShrink: true }, plain, ...views);
}

function transposed(shape: readonly number[]): fc.Arbitrary<Layout> {
  return permutations(shape.length).map((axes) => {
    const baseShape = [...shape];
    for (const [i, axis] of axes.entries()) baseShape[axis] = shape[i] as number;
    return { baseShape, steps: [{ view: 'transpose', axes }] };
  });
}

function strided(shape: readonly number[]): fc.Arbitrary<Layout> {
  const perAxis = fc.record({
    before: fc.integer({ min: 0, max: 2 }),
    step: fc.constantFrom(1, 2, -1, 3, -2),
    after: fc.integer({ min: 0, max: 1 }),
  });
  return fc.array(perAxis, { minLength: shape.length, maxLength: shape.length }).map((cuts) => {
    const baseShape: number[] = [];
    const slices = shape.map((size, i) => {
      const { before, step, after } = cuts[i] as { before: number; step: number; after: number };
      const reach = (size - 1) * Math.abs(step) + 1;
      baseShape.push(before + reach + after);
      if (step > 0) return new Slice(before, before + reach, step);
      return new Slice(before + reach - 1, before === 0 ? null : before - 1, step);
    });
    return { baseShape, steps: [{ view: 'slice', slices }] };
  });
}

function repeated(shape: readonly number[]): fc.Arbitrary<Layout> {
  return fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }).map((ones) => ({
    baseShape: shape.map((size, i) => (ones[i] && size > 1 ? 1 : size)),
    steps: [{ view: 'broadcast', shape }],
  }));
}
