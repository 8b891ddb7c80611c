import { describe, expect, expectTypeOf, it } from 'vitest';
import { core as mx } from '../index.ts';

// What `expectTypeOf` says is held by the type-checker; the values beside it, by the run.
const x = mx.array([1, 2]);

interface Weights {
  readonly layers: { w: mx.Array; b: mx.Array }[];
  readonly scale: mx.Array;
}
const weights: Weights = { layers: [{ w: x, b: mx.array(1) }], scale: mx.array(3) };
const loss = ({ layers, scale }: Weights, input: mx.Array) =>
  layers.reduce((h, { w, b }) => h.add(mx.sum(w.multiply(input)).multiply(b)), mx.array(0)).multiply(scale);

describe('the type of a gradient', () => {
  it('is that of the first argument, a tree included', () => {
    const [value, gradient] = mx.valueAndGrad(loss)(weights, x);
    expectTypeOf(value).toEqualTypeOf<mx.Array>();
    expectTypeOf(gradient).toEqualTypeOf<Weights>();
    expect(value.item()).toBe(15);
    expect(gradient.layers[0]?.w.tolist()).toEqual([3, 6]);
    expect(gradient.scale.item()).toBe(5);
  });

  it('is that of the argument at a position, alone also for a list of one', () => {
    const byInput = mx.grad(loss, 1)(weights, x);
    expectTypeOf(byInput).toEqualTypeOf<mx.Array>();
    expect(byInput.tolist()).toEqual([3, 6]);
    const byWeights = mx.grad(loss, [0])(weights, x);
    expectTypeOf(byWeights).toEqualTypeOf<Weights>();
    expect(byWeights.scale.item()).toBe(5);
  });

  it('is a list in the order of the arguments for several positions', () => {
    const [byWeights, byInput] = mx.grad(loss, [1, 0])(weights, x);
    expectTypeOf(byWeights).toEqualTypeOf<Weights>();
    expectTypeOf(byInput).toEqualTypeOf<mx.Array>();
    expect([byWeights.scale.item(), byInput.tolist()]).toEqual([5, [3, 6]]);
  });

  it('is by position and by name for names', () => {
    const f = (a: mx.Array, { b, c }: { b: mx.Array; c?: mx.Array }) => mx.sum(a.multiply(b).multiply(c ?? 1));
    const [none, { b }] = mx.grad(f, null, 'b')(x, { b: x });
    expectTypeOf(none).toEqualTypeOf<null>();
    expectTypeOf(b).toEqualTypeOf<mx.Array>();
    expect([none, b.tolist()]).toEqual([null, [1, 2]]);
    const [byPosition, named] = mx.grad(f, { argnums: 0, argnames: ['b', 'c'] })(x, { b: x, c: x });
    expectTypeOf(byPosition).toEqualTypeOf<mx.Array>();
    expectTypeOf(named).toEqualTypeOf<{ b: mx.Array; c: mx.Array }>();
    expect([byPosition.tolist(), named.c.tolist()]).toEqual([
      [1, 4],
      [1, 4],
    ]);
  });

  it('comes with all that the function gives', () => {
    const f = (a: mx.Array): [mx.Array, { doubled: mx.Array }] => [mx.sum(a), { doubled: a.multiply(2) }];
    const [[sum, { doubled }], gradient] = mx.valueAndGrad(f, { implementation: 'native' })(x);
    expectTypeOf(gradient).toEqualTypeOf<mx.Array>();
    expect([sum.item(), doubled.tolist(), gradient.tolist()]).toEqual([3, [2, 4], [1, 1]]);
  });

  it('goes through compile, and through grad of grad', () => {
    const step = mx.compile(mx.valueAndGrad(loss));
    expectTypeOf(step(weights, x)[1]).toEqualTypeOf<Weights>();
    const second = mx.grad(mx.grad((a: mx.Array) => a.power(3)));
    expectTypeOf(second(mx.array(2))).toEqualTypeOf<mx.Array>();
    expect(second(mx.array(2)).item()).toBe(12);
  });

  it('may be passed where the function does not show it', () => {
    const gradient = mx.grad<mx.Array[]>((...parts: mx.Array[]) => mx.sum(mx.concatenate(parts)), [0, 1])(x, x);
    expect(gradient.map((part) => part.tolist())).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it('holds the arguments to those of the function', () => {
    // @ts-expect-error a number is no array
    expect(() => mx.grad((a: mx.Array) => mx.sum(a))(3)).toThrow('expected nothing but arrays');
    // @ts-expect-error an argument is missing
    expect(() => mx.grad(loss)(weights)).toThrow();
  });
});

describe('the rules of a customFunction', () => {
  it('know what they get', () => {
    const one = mx.customFunction((a: mx.Array) => mx.exp(a));
    one.vjp((primal, cotangent, output) => {
      expectTypeOf(primal).toEqualTypeOf<mx.Array>();
      return cotangent.multiply(output);
    });
    expect(
      mx
        .grad((a: mx.Array) => mx.sum(one(a)))(mx.array([0]))
        .tolist(),
    ).toEqual([1]);
    const two = mx.customFunction((a: mx.Array, b: mx.Array): [mx.Array, mx.Array] => [a.add(b), a.multiply(b)]);
    two.vjp(([a, b], [bySum, byProduct]) => {
      expectTypeOf(byProduct).toEqualTypeOf<mx.Array>();
      return [bySum.add(byProduct.multiply(b)), bySum.add(byProduct.multiply(a))];
    });
    const both = (a: mx.Array, b: mx.Array) => mx.sum(mx.stack(two(a, b)));
    expect(mx.grad(both, [0, 1])(mx.array(2), mx.array(5)).map(Number)).toEqual([6, 3]);
  });
});
