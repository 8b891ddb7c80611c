import { describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import { primitivesOf } from '../support/graph.ts';

const OPTIONS = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01 };
type Step = [parameter: mx.Array, gradient: mx.Array, m: mx.Array, v: mx.Array, rate: mx.Array];

/** The same by operations one by one. */
function byOperations([parameter, gradient, m, v, rate]: Step): mx.Array[] {
  const { beta1, beta2, eps, weightDecay } = OPTIONS;
  const lr = rate.astype(gradient.dtype);
  const decayed = parameter.multiply(mx.subtract(1, lr.multiply(weightDecay)));
  const nextM = mx.multiply(beta1, m).add(mx.multiply(1 - beta1, gradient));
  const nextV = mx.multiply(beta2, v).add(mx.multiply(1 - beta2, mx.square(gradient)));
  return [decayed.subtract(lr.multiply(nextM).divide(mx.sqrt(nextV).add(eps))), nextM, nextV];
}

function draw(shape: number[], dtype = mx.float32): Step {
  const [parameter, gradient, m, v] = Array.from({ length: 4 }, () => mx.random.normal(shape)) as [
    mx.Array,
    mx.Array,
    mx.Array,
    mx.Array,
  ];
  const all = [parameter, gradient, m, mx.square(v)].map((x) => x.astype(dtype)) as unknown as [
    mx.Array,
    mx.Array,
    mx.Array,
    mx.Array,
  ];
  mx.eval(...all);
  return [...all, mx.array(1e-3)];
}

const bits = (arrays: readonly mx.Array[]) =>
  arrays.map((x) => Buffer.from(mx.contiguous(x).reshape(-1).view(mx.uint8).toTypedArray().buffer).toString('base64'));

const other = (x: mx.Array) => mx.contiguous(x.T).T;
const LAYOUTS: Record<string, (step: Step) => Step> = {
  'by rows': (step) => step,
  'with a gradient by columns': ([p, g, ...rest]) => [p, other(g), ...rest],
  'with all by columns': ([p, g, m, v, rate]) => [other(p), other(g), other(m), other(v), rate],
  'with every second value of the parameter': ([p, ...rest]) => [mx.repeat(p, 2, -1).index('..., ::2'), ...rest],
  'with one gradient for all rows': ([p, g, ...rest]) => [p, mx.broadcastTo(g.index(0), g.shape), ...rest],
};

describe('a step of Adam as one operation', () => {
  it.each(Object.entries(LAYOUTS))('has the bits of the operations that it stands for, %s', (_, layout) => {
    mx.random.seed(3);
    for (const shape of [
      [1, 1],
      [1, 300],
      [300, 1],
      [17, 65],
      [200, 333],
      [3, 5, 7],
    ]) {
      const step = layout(draw(shape));
      expect(bits(mx.fast.adamStep(...step, OPTIONS)), String(shape)).toEqual(bits(byOperations(step)));
    }
  });

  it('is one operation of the graph for float32, and the others for what it does not know', () => {
    mx.random.seed(4);
    for (const [dtype, isWhole] of [
      [mx.float32, true],
      [mx.float16, false],
      [mx.bfloat16, false],
    ] as const) {
      const step = draw([4, 6], dtype);
      const names = primitivesOf(mx.fast.adamStep(...step, OPTIONS)[0]);
      expect(names.includes('AdamStep'), String(dtype)).toBe(isWhole);
      expect(bits(mx.fast.adamStep(...step, OPTIONS)), String(dtype)).toEqual(bits(byOperations(step)));
    }
  });

  it('takes numbers that are none, empty arrays, and arrays without dimensions', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, -0, 0, 1e-45, 3e38];
    const step = [...Array.from({ length: 4 }, () => mx.array(odd)), mx.array(1e-3)] as unknown as Step;
    expect(bits(mx.fast.adamStep(...step, OPTIONS))).toEqual(bits(byOperations(step)));
    for (const shape of [[], [0], [0, 3]]) {
      const small = draw(shape);
      expect(bits(mx.fast.adamStep(...small, OPTIONS))).toEqual(bits(byOperations(small)));
    }
  });

  it('leaves its arguments as they were, also where their memory could be used again', () => {
    mx.random.seed(5);
    const step = draw([64, 64]);
    const before = bits(step);
    const [first] = mx.fast.adamStep(...step, OPTIONS);
    mx.eval(first);
    expect(bits(step)).toEqual(before);
    // The moments of this step are made within the graph, so their memory is taken for the results.
    const [p, g, m, v, rate] = step;
    const inner: Step = [p.multiply(2), g, m.multiply(2), v.multiply(2), rate];
    const expected = bits(byOperations([p.multiply(2), g, m.multiply(2), v.multiply(2), rate]));
    const results = mx.tidy(() => mx.fast.adamStep(...inner, OPTIONS));
    for (const array of [inner[0], inner[2], inner[3]]) array.dispose();
    expect(bits(results)).toEqual(expected);
  });

  it('can be differentiated, mapped and compiled', () => {
    mx.random.seed(6);
    const [p, g, m, v, rate] = draw([5, 4]);
    const loss = (run: (step: Step) => mx.Array[]) => (x: mx.Array) => (run([p, x, m, v, rate])[0] as mx.Array).sum();
    const whole = (step: Step) => mx.fast.adamStep(...step, OPTIONS);
    expect(bits([mx.grad(loss(whole))(g)])).toEqual(bits([mx.grad(loss(byOperations))(g)]));
    const mapped = mx.vmap((...rows: mx.Array[]) => whole([...rows, rate] as Step))(p, g, m, v);
    expect(bits(mapped as mx.Array[])).toEqual(bits(byOperations([p, g, m, v, rate])));
    const compiled = mx.compile((...all: mx.Array[]) => whole(all as Step));
    for (const [i, result] of compiled(p, g, m, v, rate).entries()) {
      expect(mx.allclose(result, byOperations([p, g, m, v, rate])[i] as mx.Array, { rtol: 1e-6 }).item()).toBe(true);
    }
  });
});
