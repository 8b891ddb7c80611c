import { expect, it } from 'vitest';
import { askChild } from '../support/children.ts';
import type { Outcome } from '../support/hostile-values.ts';

const support = new URL('../support/hostile-exports.ts', import.meta.url).href;

/** The call under way is the last thing written if the process ends in the middle. */
const PROGRAM = `
  import { walk } from ${JSON.stringify(support)};
  let last = 'nothing';
  const unhandled = [];
  process.on('unhandledRejection', (error) => unhandled.push(last + ': ' + error));
  process.on('exit', (code) => code !== 0 && console.error('ended at ' + last));
  const outcome = await walk(Number(process.env.SEED), (call) => {
    last = call;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  report({ ...outcome, unhandled });
  process.exit(0);
`;

it.each([1])(
  'every export and method answers or gives a typed error, whatever it is passed (seed %i)',
  async (seed) => {
    const outcome = await askChild<Outcome & { unhandled: string[] }>(PROGRAM, { SEED: String(seed) });
    expect(outcome.untyped.slice(0, 20)).toEqual([]);
    expect(outcome.unhandled.slice(0, 20)).toEqual([]);
    expect(outcome.targets).toBeGreaterThan(1000);
    expect(outcome.answered).toBeGreaterThan(5000);
    expect(outcome.refused).toBeGreaterThan(30_000);
  },
);
