import fc from 'fast-check';
import type { Call } from './call.ts';
import { type Comparison, describeOutcome, type Outcome } from './compare.ts';
import type { Failure } from './operation-report.ts';
import type { Origin } from './snippet.ts';

/** A failure costs no more than so many calls and milliseconds to make small. */
const MOST_SHRINKS = 400;
const LONGEST_SHRINK_MS = 5000;

/** One call on both sides, and how their results compare. */
export interface Attempt {
  readonly comparison: Comparison;
  readonly native: Outcome;
  readonly python: Outcome;
}

/** Calls to try until one differs. */
export interface Search {
  readonly kind: Failure['kind'];
  readonly arbitrary: fc.Arbitrary<Call>;
  readonly runs: number;
  /** The seed of the whole run, and what makes the sequence of values this search's own. */
  readonly seed: number;
  readonly name: string;
  /** What the path to a failure begins with, and the path to replay, if it is one of this search. */
  readonly prefix: string;
  readonly path: string | undefined;
  /** Makes the call; `counted`: it is none of those that only make a failure smaller. undefined: nothing to compare. */
  attempt(call: Call, counted: boolean): Attempt | undefined;
  typescript(call: Call, from: Origin): string;
  python(call: Call, from: Origin): string;
}

/** Another sequence of values for each operation, the same for `--op` alone as in a whole run. */
export function seedOf(seed: number, name: string): number {
  let hash = seed | 0;
  for (const letter of name) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return hash;
}

/** The first call that differs, made small; none where all agree. */
export function search({ kind, arbitrary, runs, seed, name, prefix, path, ...made }: Search): Failure[] {
  if (path !== undefined && !path.startsWith(prefix)) return [];
  let budget = MOST_SHRINKS;
  let deadline = Number.POSITIVE_INFINITY;
  let failed = false;
  const property = fc.property(arbitrary, (call) => {
    if (failed && (budget-- <= 0 || performance.now() > deadline)) return true;
    if (made.attempt(call, !failed)?.comparison.difference === undefined) return true;
    if (!failed) deadline = performance.now() + LONGEST_SHRINK_MS;
    failed = true;
    return false;
  });
  const replayed = path === undefined ? {} : { path: path.slice(prefix.length) };
  const details = fc.check(property, { seed: seedOf(seed, name), numRuns: runs, ...replayed });
  if (!details.failed) return [];
  if (details.counterexample === null) throw details.errorInstance ?? new Error('the generator gives no calls');
  const [call] = details.counterexample;
  const { comparison, native, python } = made.attempt(call, false) as Attempt;
  const from = { seed, path: prefix + details.counterexamplePath };
  return [
    {
      kind,
      message:
        comparison.difference ?? 'differs, but not when it is run again: the result depends on memory out of bounds',
      native: describeOutcome(native),
      python: describeOutcome(python),
      typescript: made.typescript(call, from),
      pythonSource: made.python(call, from),
      ...from,
      shrinks: details.numShrinks,
    },
  ];
}
