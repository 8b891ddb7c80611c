import { expect, it } from 'vitest';
import { askChild } from '../support/children.ts';
import type { Outcome } from '../support/hostile-values.ts';

const support = new URL('../support/hostile-modules.ts', import.meta.url).href;
const values = new URL('../support/hostile-values.ts', import.meta.url).href;

/**
 * The call under way is the last thing written if the process ends in the middle. What an asynchronous function that was
 * passed rejects with is left out: its promise is a leaf of the answer, or nobody's, as that of `forEach`.
 */
const PROGRAM = `
  import { walk } from ${JSON.stringify(support)};
  import { OwnError } from ${JSON.stringify(values)};
  let last = 'nothing';
  const unhandled = [];
  process.on('unhandledRejection', (error) => {
    if (!(error instanceof OwnError)) unhandled.push(last + ': ' + error);
  });
  process.on('exit', (code) => code !== 0 && console.error('ended at ' + last));
  const outcome = await walk(1, (call) => {
    last = call;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  report({ ...outcome, unhandled });
  process.exit(0);
`;

it('every layer, optimizer and function of trees answers or gives a typed error, whatever it is passed', async () => {
  const outcome = await askChild<Outcome & { unhandled: string[] }>(PROGRAM);
  expect(outcome.untyped.slice(0, 20)).toEqual([]);
  expect(outcome.unhandled.slice(0, 20)).toEqual([]);
  expect(outcome.targets).toBeGreaterThan(300);
  expect(outcome.answered).toBeGreaterThan(5000);
  expect(outcome.refused).toBeGreaterThan(30_000);
});
