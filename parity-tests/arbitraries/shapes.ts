import fc from 'fast-check';

export interface ShapeLimits {
  readonly minRank?: number;
  readonly maxRank?: number;
  readonly minSize?: number;
  readonly maxSize?: number;
}

/** Shapes of 0 to 4 dimensions of 0 to 5: 0-d, empty and size-1 ones come often. */
export function shapes(limits: ShapeLimits = {}): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = 4, minSize = 0, maxSize = 5 } = limits;
  const size = fc.oneof(
    { arbitrary: fc.integer({ min: Math.max(minSize, 1), max: maxSize }), weight: 12 },
    { arbitrary: fc.constant(minSize), weight: 1 },
  );
  const small: fc.Arbitrary<number[]> = fc.array(size, { minLength: minRank, maxLength: maxRank });
  // Longer than any SIMD width and its remainder loop.
  const long = fc
    .integer({ min: 33, max: 70 })
    .map((last) => [...Array<number>(Math.max(minRank - 1, 0)).fill(2), last]);
  return maxSize < 5 || maxRank === 0
    ? small
    : fc.oneof({ arbitrary: small, weight: 12 }, { arbitrary: long, weight: 1 });
}

/** Shapes that broadcast together to the first one of the result. */
export function broadcastPartners(target: readonly number[], count: number): fc.Arbitrary<number[][]> {
  const partner: fc.Arbitrary<number[]> = fc.oneof(
    { arbitrary: fc.constant<number[]>([...target]), weight: 3 },
    { arbitrary: partnerOf(target), weight: 2 },
  );
  return fc.array(partner, { minLength: count, maxLength: count });
}

/** A shape that broadcasts to the target: leading axes left out, some sizes 1. */
export function partnerOf(target: readonly number[]): fc.Arbitrary<number[]> {
  return fc
    .tuple(fc.nat(target.length), fc.array(fc.boolean(), { minLength: target.length, maxLength: target.length }))
    .map(([dropped, ones]) => target.map((size, i) => (ones[i] ? 1 : size)).slice(dropped));
}

/** A permutation of the numbers below `length`. */
export function permutations(length: number): fc.Arbitrary<number[]> {
  const order = Array.from({ length }, (_, i) => i);
  return fc.shuffledSubarray(order, { minLength: length, maxLength: length });
}
