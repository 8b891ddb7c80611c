import fc from 'fast-check';
import type { DtypeName } from '../../foundation/values/dtypes.ts';

/** One part of an index in a form that JSON can pass to Python. */
export type PartRecipe =
  | { readonly number: number }
  | { readonly slice: readonly (number | null)[] }
  | { readonly word: 'none' | 'rest' }
  | { readonly list: unknown }
  | { readonly tensor: readonly number[]; readonly shape: readonly number[]; readonly dtype: DtypeName }
  | { readonly mask: readonly boolean[]; readonly shape: readonly number[] };

type ValueRecipe =
  | { readonly scalar: number | boolean }
  | { readonly elements: readonly number[]; readonly shape: readonly number[]; readonly dtype: DtypeName };

const WRITES = ['put', 'add', 'subtract', 'multiply', 'divide', 'maximum', 'minimum'] as const;

/** `x[parts]`, `x[parts] = value` or `x.at[parts].add(value)`. */
export interface Expression {
  readonly how: 'get' | (typeof WRITES)[number];
  readonly shape: readonly number[];
  readonly dtype: DtypeName;
  readonly parts: readonly PartRecipe[];
  readonly value: ValueRecipe;
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

const bound = fc.option(fc.integer({ min: -7, max: 7 }), { nil: null });
const step = fc.constantFrom(null, null, 1, 2, 3, -1, -2);
/** Bounds on either side of the axis, which Python cuts down to it. */
const wideSlice = fc.tuple(bound, bound, step).map((bounds): PartRecipe => ({ slice: bounds }));

/** Bounds within the axis: MLX itself does not cut down those that stand beside an index tensor. */
function slice(size: number): fc.Arbitrary<PartRecipe> {
  return step.chain((pace) => {
    const first = fc.option(fc.integer({ min: -size, max: (pace ?? 1) < 0 ? size - 1 : size }), { nil: null });
    const last = fc.option(fc.integer({ min: -size, max: size }), { nil: null });
    return fc.tuple(first, last).map(([start, stop]): PartRecipe => ({ slice: [start, stop, pace] }));
  });
}

function tensor(size: number, shape: readonly number[]): fc.Arbitrary<PartRecipe> {
  const count = sizeOf(shape);
  return fc.constantFrom<DtypeName>('int32', 'int32', 'uint32', 'int64', 'uint8').chain((dtype) =>
    fc
      .array(fc.integer({ min: dtype.startsWith('u') ? 0 : -size, max: size - 1 }), {
        minLength: count,
        maxLength: count,
      })
      .map((elements): PartRecipe => ({ tensor: elements, shape, dtype })),
  );
}

function partnersOf(shape: readonly number[]): fc.Arbitrary<readonly number[]> {
  return fc
    .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }))
    .map(([drop, ones]) => shape.map((extent, i) => (ones[i] && i % 2 === 0 ? 1 : extent)).slice(drop > 1 ? 1 : 0));
}

function part(size: number, together: readonly number[] | null): fc.Arbitrary<PartRecipe> {
  if (size === 0) return together === null ? wideSlice : fc.constant({ slice: [null, null, null] });
  const number = fc.integer({ min: -size, max: size - 1 });
  const one = number.map((at): PartRecipe => ({ number: at }));
  if (together === null) return fc.oneof({ arbitrary: wideSlice, weight: 2 }, { arbitrary: one, weight: 1 });
  return fc.oneof(
    { arbitrary: slice(size), weight: 4 },
    { arbitrary: one, weight: 2 },
    { arbitrary: partnersOf(together).chain((shape) => tensor(size, shape)), weight: 3 },
    { arbitrary: fc.array(number, { minLength: 2, maxLength: 2 }).map((list): PartRecipe => ({ list })), weight: 1 },
  );
}

function maskOver(shape: readonly number[]): fc.Arbitrary<PartRecipe> {
  const count = sizeOf(shape);
  return fc.array(fc.boolean(), { minLength: count, maxLength: count }).map((mask): PartRecipe => ({ mask, shape }));
}

function partsFor(shape: readonly number[]): fc.Arbitrary<PartRecipe[]> {
  const together = fc.constantFrom<readonly number[] | null>(null, null, [], [2], [3], [2, 3], [1, 2], [0]);
  const mixed = fc
    .tuple(fc.nat(shape.length), together, fc.nat(3), fc.nat(9), fc.nat(9))
    .chain(([count, shapes, rest, at, fresh]) => {
      const axes = rest === 0 ? shape.slice(shape.length - count) : shape.slice(0, count);
      return fc.tuple(...axes.map((size) => part(size, shapes))).map((drawn) => {
        const parts: PartRecipe[] = [...drawn];
        if (rest === 0) parts.unshift({ word: 'rest' });
        if (fresh < 3) parts.splice(at % (parts.length + 1), 0, { word: 'none' });
        return parts;
      });
    });
  // Index tensors that something parts, behind a slice: their dimensions move to the front.
  const picking = (size: number) => tensor(size, [2]);
  const parted = fc
    .tuple(slice(shape[0] ?? 1), picking(shape[1] ?? 1), picking(shape.at(-1) ?? 1))
    .map(([first, left, right]): PartRecipe[] => [first, left, { word: shape.length === 3 ? 'none' : 'rest' }, right]);
  const masked = fc.nat(shape.length).chain((rank) => maskOver(shape.slice(0, Math.max(rank, 1))));
  return shape.length === 0
    ? mixed
    : fc.oneof(
        { arbitrary: mixed, weight: 9 },
        { arbitrary: masked.map((mask) => [mask]), weight: 1 },
        { arbitrary: parted, weight: shape.length > 2 && !shape.includes(0) ? 2 : 0 },
      );
}

const DTYPES: readonly DtypeName[] = [
  ...(['float32', 'float32', 'int32', 'int32', 'float16', 'bfloat16', 'bool', 'uint8', 'int64'] as const),
  ...(['complex64', 'float64', 'int16', 'uint64'] as const),
];

const half = fc.integer({ min: -9, max: 9 }).map((n) => n / 2);

function valueFor(dtype: DtypeName, shape: readonly number[]): fc.Arbitrary<ValueRecipe> {
  const signed = !(dtype.startsWith('u') || dtype === 'bool');
  const scalar = fc.oneof(fc.integer({ min: signed ? -5 : 0, max: 5 }), half, fc.boolean());
  const suffixes = fc
    .nat(shape.length)
    .chain((drop) =>
      fc
        .array(fc.nat(3), { minLength: shape.length, maxLength: shape.length })
        .map((ones) => shape.map((extent, i) => (ones[i] === 0 ? 1 : extent)).slice(drop)),
    );
  const any = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
  const shapes = fc.oneof(
    { arbitrary: fc.constant([...shape]), weight: 5 },
    { arbitrary: suffixes, weight: 3 },
    { arbitrary: suffixes.map((extents) => [1, ...extents]), weight: 1 },
    { arbitrary: any, weight: 1 },
  );
  const given = fc.tuple(shapes, fc.constantFrom(dtype, dtype, ...DTYPES)).chain(([extents, own]) => {
    const count = sizeOf(extents);
    return fc
      .array(half, { minLength: count, maxLength: count })
      .map((elements): ValueRecipe => ({ elements, shape: extents, dtype: own }));
  });
  return fc.oneof(
    { arbitrary: scalar.map((number): ValueRecipe => ({ scalar: number })), weight: 1 },
    { arbitrary: given, weight: 2 },
  );
}

/** `targetOf`: the shape that a written value may broadcast to; undefined where the parts do not go together. */
export function expressions(
  targetOf: (shape: readonly number[], parts: readonly PartRecipe[]) => readonly number[],
): fc.Arbitrary<Expression> {
  const shapes = fc.oneof(
    { arbitrary: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), weight: 12 },
    { arbitrary: fc.array(fc.nat(3), { maxLength: 3 }), weight: 1 },
  );
  return fc.tuple(shapes, fc.constantFrom(...DTYPES)).chain(([shape, dtype]) =>
    partsFor(shape).chain((parts) =>
      fc.record({
        how: fc.oneof(fc.constant('get' as const), fc.constant('put' as const), fc.constantFrom(...WRITES)),
        shape: fc.constant(shape),
        dtype: fc.constant(dtype),
        parts: fc.constant(parts),
        value: valueFor(dtype, targetOf(shape, parts)),
      }),
    ),
  );
}
