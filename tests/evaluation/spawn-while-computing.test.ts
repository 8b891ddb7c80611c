import { describe, expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

describe.runIf(process.platform === 'linux')('a process that is started while MLX computes', () => {
  it.each([
    ['products', 'mx.matmul(a, a)'],
    ['inverses', 'mx.linalg.inv(a, { stream: mx.cpu })'],
  ])('leaves the threads of the BLAS at work: %s', async (_, one) => {
    const rounds = await askChild<number[]>(`
      import { spawnSync } from 'node:child_process';
      import { readdirSync } from 'node:fs';
      const a = mx.random.normal([600, 600]);
      const threads = () => readdirSync('/proc/self/task').length;
      mx.eval(${one}, mx.matmul(a, a));
      const [expected, before] = [${one}, threads()];
      const alike = [];
      for (let round = 0; round < 6; round++) {
        const results = [1, 2, 3].map(() => ${one});
        const done = mx.asyncEval(...results);
        for (let i = 0; i < 4; i++) spawnSync('true');
        await done;
        alike.push(results.filter((result) => mx.arrayEqual(result, expected).item()).length);
      }
      report([...alike, threads() - before]);`);
    expect(rounds).toEqual([3, 3, 3, 3, 3, 3, 0]);
  });
});
