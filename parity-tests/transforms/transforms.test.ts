import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, registry, shutdown } from '../../mlx/index.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { hasBothSides } from '../sides.ts';
import { checkTransforms, hasTransforms } from './check.ts';

afterAll(() => shutdown());

const operations = registry
  .all()
  .filter((operation) => operation.sample.generator !== 'none' && hasBothSides(operation) && hasTransforms(operation));

describe('vjp, second vjp, jvp and vmap of every operation are those of Python, bit for bit', () => {
  it.each(operations.map((operation) => [qualifiedName(operation), operation] as const))(
    '%s',
    (_, operation) => {
      expect(checkTransforms(operation, { runs: 4, seed: 1 }).differences).toEqual([]);
    },
    60_000,
  );
});

describe('gradients of smooth functions are those of finite differences, in float64', () => {
  const smooth = ['exp', 'sin', 'cos', 'tanh', 'sigmoid', 'square', 'expm1', 'sinh', 'cosh', 'arctan', 'arcsinh'];
  it.each(smooth)('%s', (name) => {
    const f = (x: mx.Array) => registry.call(name, x) as mx.Array;
    const step = 1e-3;
    const at = [-1.25, -0.5, 0.25, 0.75, 1.5];
    const x = mx.array(Float64Array.from(at));
    const gradient = mx
      .grad((a: mx.Array) => mx.sum(f(a)))(x)
      .tolist() as number[];
    const up = f(x.add(step)).tolist() as number[];
    const down = f(x.subtract(step)).tolist() as number[];
    gradient.forEach((slope, i) => {
      expect(slope).toBeCloseTo(((up[i] as number) - (down[i] as number)) / (2 * step), 3);
    });
  });
});
