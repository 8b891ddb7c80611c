import { afterAll, expect, it } from 'vitest';
import { ArgumentError, core as mx, registry, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

const x = mx.array([1, 2]);
type Claimed = (...args: unknown[]) => mx.Array;
const later = (async () => {
  throw new Error('nobody waits for it');
}) as unknown as Claimed;
const pair = (() => [mx.array(1), later()]) as unknown as Claimed;
const custom = (rule: 'vjp' | 'jvp' | 'vmap') => {
  const f = mx.customFunction((a: mx.Array) => a.add(1));
  (f[rule] as (given: Claimed) => unknown)(later);
  return f;
};
const crossing = registry.register<mx.Array>({ name: 'owned.rejection', python: 'mlx.core:abs', vjp: later });

const sum = (f: (a: mx.Array) => mx.Array) => (a: mx.Array) => mx.sum(f(a));

it.each<[string, () => unknown]>([
  ['grad', () => mx.grad(later)(x)],
  ['grad of a list', () => mx.grad(pair)(x)],
  ['valueAndGrad', () => mx.valueAndGrad(later)(x)],
  ['vmap', () => mx.vmap(later)(x)],
  ['compile', () => mx.compile(later)(x)],
  ['jvp', () => mx.jvp(later, [x], [x])],
  ['vjp of a list', () => mx.vjp(pair, [x], [x])],
  ['checkpoint', () => mx.checkpoint(later)(x)],
  ['customFunction', () => mx.customFunction(later)(x)],
  ['a vjp rule', () => mx.grad(sum(custom('vjp')))(x)],
  ['a jvp rule', () => mx.jvp(custom('jvp'), [x], [x])],
  ['a vmap rule', () => mx.vmap(custom('vmap'))(x)],
  ['a rule of an operation', () => mx.withImplementation('native', () => mx.grad(sum((a) => crossing(a)))(x))],
  ['tidy', () => mx.tidy(() => later())],
  ['stream', () => mx.stream(mx.cpu, later)],
  ['printoptions', () => mx.printoptions({ precision: 2 }, later)],
])('%s of an asynchronous function is an ArgumentError, and its rejection nobody’s', async (_, run) => {
  const unhandled: unknown[] = [];
  const listen = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listen);
  try {
    for (const side of ['native', 'python'] as const) {
      expect(() => mx.withImplementation(side, run)).toThrow(ArgumentError);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', listen);
  }
});
