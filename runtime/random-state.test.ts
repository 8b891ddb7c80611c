import { afterAll, expect, it } from 'vitest';
import { core as mx, shutdown } from '../mlx/index.ts';
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
