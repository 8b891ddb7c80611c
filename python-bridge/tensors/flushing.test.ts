import { expect, it } from 'vitest';
import { Flushing } from './flushing.ts';

it('flushes at once where much has gathered, else once after the running code', async () => {
  let flushes = 0;
  const flushing = new Flushing(() => flushes++, 3);
  flushing.gathered(1);
  flushing.gathered(2);
  expect(flushes).toBe(0);
  flushing.gathered(3);
  expect(flushes).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(flushes).toBe(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(flushes).toBe(2);
});
