import { describe, expect, expectTypeOf, it } from 'vitest';
import { core as mx } from '../index.ts';

// What `expectTypeOf` says is held by the type-checker; the numbers of results, by the run.
const x = mx.arange(12, { dtype: mx.float32 }).reshape(2, 6);
type A = mx.Array;

describe('results of several arrays are typed by their number', () => {
  it('of svd with and without the vectors', () => {
    const { linalg } = mx;
    const all = linalg.svd(x);
    expectTypeOf(all).toEqualTypeOf<[A, A, A]>();
    expect(all).toHaveLength(3);
    const alone = linalg.svd(x, { computeUv: false });
    expectTypeOf(alone).toEqualTypeOf<A>();
    expect(alone.shape).toEqual([2]);
    expectTypeOf(linalg.svd(x, false)).toEqualTypeOf<A>();
    expectTypeOf(linalg.svd(x, alone.ndim > 3)).toEqualTypeOf<A | [A, A, A]>();
  });

  it('of quantize by its mode', () => {
    const weights = mx.ones([2, 64]);
    const affine = mx.quantize(weights, { bits: 8 });
    expectTypeOf(affine).toEqualTypeOf<[A, A, A]>();
    expect(affine).toHaveLength(3);
    const four = mx.quantize(weights, { mode: 'mxfp4' });
    expectTypeOf(four).toEqualTypeOf<[A, A]>();
    expect(four).toHaveLength(2);
    expectTypeOf(mx.quantize(weights, 64, 4, 'affine')).toEqualTypeOf<[A, A, A]>();
  });

  it('of split by its arguments', () => {
    const three = mx.split(x, 3, -1);
    expectTypeOf(three).toEqualTypeOf<[A, A, A]>();
    expect(three).toHaveLength(3);
    const cut = x.split([1, 4], { axis: 1 });
    expectTypeOf(cut).toEqualTypeOf<[A, A, A]>();
    expect(cut.map(({ shape }) => shape[1])).toEqual([1, 3, 2]);
    expectTypeOf(mx.split(x, { indicesOrSections: 2, axis: 0 })).toEqualTypeOf<[A, A]>();
    expectTypeOf(mx.split(x, x.ndim)).toEqualTypeOf<A[]>();
    expectTypeOf(mx.split(x, [...x.shape])).toEqualTypeOf<A[]>();
  });

  it('of meshgrid and broadcastArrays by what they are given', () => {
    const row = mx.arange(3);
    const grid = mx.meshgrid(row, row, { indexing: 'ij' });
    expectTypeOf(grid).toEqualTypeOf<[A, A]>();
    expect(grid).toHaveLength(2);
    const same = mx.broadcastArrays(row, mx.ones([2, 1]));
    expectTypeOf(same).toEqualTypeOf<[A, A]>();
    expect(same.map(({ shape }) => shape)).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expectTypeOf(mx.meshgrid(...[row].concat(row))).toEqualTypeOf<A[]>();
    const pair = mx.divmod(row, 2);
    expectTypeOf(pair).toEqualTypeOf<[A, A]>();
    expect(pair).toHaveLength(2);
  });
});
