import v8 from 'node:v8';
import { afterAll, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { collectYoung } from '../../native-backend/handles/collect.ts';

afterAll(() => shutdown());

const STEPS = 50;
const ROUNDS = 200;

function oldBytes(): number {
  const spaces = v8.getHeapSpaceStatistics();
  return spaces.find(({ space_name: name }) => name === 'old_space')?.space_used_size as number;
}

/** Bytes for each step that grow old though nothing holds them, where only the young generation is collected. */
function grownOld(step: () => void): number {
  const run = (): void => {
    for (let round = 0; round < ROUNDS; round++) {
      mx.tidy(() => {
        for (let i = 0; i < STEPS; i++) step();
      });
      collectYoung?.();
    }
  };
  // What stays, code among others, comes first.
  run();
  const before = oldBytes();
  run();
  return (oldBytes() - before) / (ROUNDS * STEPS);
}

const a = mx.zeros([4, 8]);
const row = mx.ones([1, 8]);
const rows = new mx.Slice(1, 2);
const doubled = mx.compile((x: mx.Array) => x.add(x));

it.each<[string, () => void]>([
  ['writes at indices', () => mx.indexPut(a, [rows], row)],
  ['compiled functions', () => doubled(a)],
])('what %s leave behind is collected young', (_, step) => {
  expect(grownOld(step)).toBeLessThan(80);
});
