import { afterAll, expect, it } from 'vitest';
import { core as mx, shutdown } from '../mlx/index.ts';
import * as nn from '../mlx/nn/index.ts';
import { withoutDrawing } from '../mlx/nn/layers/drawn.ts';
import type { Tensor } from '../router/tensors/tensor.ts';
import { RandomState } from './random-state.ts';

afterAll(() => shutdown());

it('frees the key before at once, unless it was taken', () => {
  let made = 0;
  const make = () => ({ number: made++ }) as unknown as Tensor;
  const freed: Tensor[] = [];
  const state = new RandomState(
    make,
    () => [make(), make()],
    (key) => freed.push(key),
  );
  state.seed(1);
  const first = state.known;
  state.next();
  expect(freed).toEqual([first]);
  const taken = state.key;
  state.next();
  expect(freed).not.toContain(taken);
  const third = state.known;
  state.next();
  expect(freed).toEqual([first, third]);
});

it.each(['native', 'python'] as const)('goes on in scopes as without, %s', (implementation) => {
  mx.withImplementation(implementation, () => {
    const draw = () => mx.random.uniform({ shape: [2] });
    mx.random.seed(5);
    const plain = [draw(), draw(), draw()].map((each) => each.tolist());
    mx.random.seed(5);
    const taken = mx.random.state[0];
    const again = [mx.tidy(draw), draw(), draw()].map((each) => each.tolist());
    expect(again).toEqual(plain);
    expect(taken.tolist()).toEqual([0, 5]);
  });
});

it('goes on as after a draw when one is skipped, and does not begin for it', () => {
  const begun: unknown[] = [];
  const state = new RandomState(
    (seed) => {
      begun.push(seed);
      return { seed } as unknown as Tensor;
    },
    () => [{} as Tensor, {} as Tensor],
    () => undefined,
  );
  state.skip();
  expect([state.known, begun]).toEqual([undefined, []]);
});

it.each<[string, () => nn.Module]>([
  ['Linear', () => new nn.Linear(32, 3)],
  ['Embedding', () => new nn.Embedding(4, 32)],
  ['QuantizedLinear', () => new nn.Linear(32, 3).toQuantized(32)],
  ['QuantizedEmbedding', () => new nn.Embedding(4, 32).toQuantized(32)],
])('goes on after a %s that is not drawn as after one that is', (_, make) => {
  const after = (made: () => nn.Module) => {
    mx.random.seed(5);
    made();
    return mx.random.uniform().item();
  };
  const untouched = after(() => new nn.Identity());
  expect(after(() => withoutDrawing(make))).toBe(after(make));
  expect(after(make)).not.toBe(untouched);
});
