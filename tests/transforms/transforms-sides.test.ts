import { describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';

type Tensor = ReturnType<typeof mx.array>;
type Side = 'native' | 'python';

const numbers = (count: number, from = 0) => Float32Array.from({ length: count }, (_, i) => Math.sin(from + i * 1.7));
const matrix = (rows: number, columns: number, from = 0) =>
  mx.array(numbers(rows * columns, from)).reshape([rows, columns]);

/** Every array of a result with its dtype and shape, bit for bit. */
function bits(result: unknown): unknown {
  if (result instanceof mx.array) {
    const { buffer, byteOffset, byteLength } = result.toTypedArray() as Float32Array;
    return [result.dtype.name, result.shape, Buffer.from(buffer, byteOffset, byteLength).toString('hex')];
  }
  if (Array.isArray(result)) return result.map(bits);
  if (typeof result === 'object' && result !== null) {
    return Object.fromEntries(Object.entries(result).map(([key, item]) => [key, bits(item)]));
  }
  return result;
}

interface Layer {
  w: Tensor;
  b: Tensor;
}
const layers = (): Layer[] => [
  { w: matrix(4, 5), b: mx.array(numbers(5, 3)) },
  { w: matrix(5, 3, 9), b: mx.zeros([3]) },
];
function network(model: readonly Layer[], x: Tensor): Tensor {
  let activation = x;
  for (const [i, { w, b }] of model.entries()) {
    activation = mx.addmm(b, activation, w);
    if (i < model.length - 1) activation = mx.maximum(activation, 0);
  }
  return activation;
}
const crossEntropy = (model: Layer[], x: Tensor, y: Tensor) => {
  const logits = network(model, x);
  return mx.mean(mx.subtract(mx.logsumexp(logits, 1), mx.takeAlongAxis(logits, y.reshape([-1, 1]), 1).squeeze(1)));
};
const attention = (q: Tensor, k: Tensor, v: Tensor) =>
  mx.sum(mx.square(mx.matmul(mx.softmax(mx.matmul(q, k.T).multiply(0.5), -1), v)));

const x = matrix(6, 4, 2);
const labels = mx.array([0, 2, 1, 1, 0, 2], mx.int32);
const cube = (a: Tensor) => mx.power(a, 3);
const shared = mx.array(numbers(4, 5));

const CASES: Record<string, () => unknown> = {
  'a network, by its tree of weights': () => mx.valueAndGrad(crossEntropy)(layers(), x, labels),
  'a compiled step': () => mx.compile(mx.valueAndGrad(attention))(matrix(3, 4), matrix(3, 4, 5), matrix(3, 2)),
  'several positions': () => mx.grad(attention, [0, 2])(matrix(3, 4), matrix(3, 4, 5), matrix(3, 2)),
  'an argument by name': () =>
    mx.grad((a: Tensor, { scale }: { scale: Tensor }) => mx.sum(mx.sin(a).multiply(scale)), { argnames: 'scale' })(x, {
      scale: mx.array(2),
    }),
  'a loss with other results': () =>
    mx.valueAndGrad((a: Tensor) => [mx.sum(mx.exp(a)), { means: mx.mean(a, 0), note: 'kept' }])(x),
  'the third order': () => mx.grad((a: Tensor) => mx.grad((b: Tensor) => mx.grad(cube)(b))(a))(mx.array(1.25)),
  'grad of vmap of compile of grad': () => {
    const inner = mx.compile(mx.grad((row: Tensor) => mx.sum(cube(row).multiply(shared))));
    return mx.grad((a: Tensor) => mx.sum(mx.vmap(inner)(a)))(x);
  },
  'vmap of grad over another axis': () =>
    mx.vmap(
      mx.grad((c: Tensor) => mx.sum(mx.tanh(c))),
      1,
      1,
    )(x),
  'a product with a tangent': () => mx.jvp((a: Tensor) => mx.cumsum(mx.sin(a), 0), [x], [matrix(6, 4, 7)]),
  'a product with a cotangent': () => mx.vjp((a: Tensor) => mx.sort(a, 0), [x], [matrix(6, 4, 7)]),
  'a checkpoint': () => mx.grad((a: Tensor) => mx.sum(mx.checkpoint((b: Tensor) => mx.exp(mx.sin(b)))(a)))(x),
  'a function with its own rule': () => {
    const clipped = mx
      .customFunction((a: Tensor) => mx.clip(a, -0.5, 0.5))
      .vjp((_: Tensor, cotangent: Tensor) => cotangent.multiply(2));
    return mx.grad((a: Tensor) => mx.sum(mx.square(clipped(a))))(x);
  },
  'control flow by a value': () =>
    mx.grad((a: Tensor) => ((mx.sum(a).item() as number) > 0 ? mx.sum(mx.square(a)) : mx.sum(mx.exp(a))))(x),
  'a disposed input, and tidy inside': () =>
    mx.grad((a: Tensor) => {
      const out = mx.tidy(() => mx.sum(mx.multiply(mx.exp(a), mx.sin(a))));
      a.dispose();
      return out;
    })(x),
};

describe('native and Python transforms give the same bits for', () => {
  it.each(Object.entries(CASES))('%s', (_, run) => {
    const on = (side: Side) => mx.withImplementation(side, () => bits(run()));
    expect(on('python')).toEqual(on('native'));
    // MLX compiles fused kernels with the C++ compiler.
  });
});

describe('a transform', () => {
  it.each<[Side, Side]>([
    ['native', 'python'],
    ['python', 'native'],
  ])('on %s takes tensors of %s, its arguments and captured ones', (side, other) => {
    const [a, captured] = mx.withImplementation(other, () => [mx.array([1, 2]), mx.array([3, 4])]);
    const gradient = mx.withImplementation(side, () =>
      mx.grad((b: Tensor) => mx.sum(b.multiply(captured as Tensor)))(a as Tensor),
    );
    expect(gradient.tolist()).toEqual([3, 4]);
  });

  it('keeps what it compiled on each side apart', () => {
    let traces = 0;
    const f = mx.compile((a: Tensor) => {
      traces += 1;
      return a.add(1);
    });
    for (let i = 0; i < 2; i++) {
      for (const side of ['native', 'python'] as const) {
        expect(mx.withImplementation(side, () => f(mx.array([1])).tolist())).toEqual([2]);
      }
    }
    expect(traces).toBe(2);
  });
});
