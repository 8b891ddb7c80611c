import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';

/** Of processor time in a second; a thread that never sleeps takes 1,000. */
const LIMIT_MS = 300;

it('takes no processor time after an evaluation', async () => {
  expect(mx.ones([3]).add(1).tolist()).toEqual([2, 2, 2]);
  await sleep(200);
  const before = process.cpuUsage();
  await sleep(1000);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(LIMIT_MS);
});
