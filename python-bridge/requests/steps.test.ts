import { expect, it } from 'vitest';
import { runBlocking, runInTurns, type Steps, waitFor } from './steps.ts';

function* sum(first: () => number): Steps<number> {
  const a = yield* waitFor(first, async () => first() * 10);
  return (
    a +
    (yield* waitFor(
      () => 2,
      async () => 20,
    ))
  );
}

it('waits as the runner of the steps chooses', async () => {
  expect(runBlocking(sum(() => 1))).toBe(3);
  expect(await runInTurns(sum(() => 1))).toBe(30);
});

it('throws what a wait throws where the steps wait', async () => {
  function* caught(): Steps<unknown> {
    try {
      return yield* sum(() => {
        throw new Error('no');
      });
    } catch (error) {
      return error;
    }
  }
  expect(runBlocking(caught())).toEqual(new Error('no'));
  expect(await runInTurns(caught())).toEqual(new Error('no'));
});
