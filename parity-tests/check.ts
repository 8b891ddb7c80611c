import type fc from 'fast-check';
import { Dtype } from '../foundation/values/dtypes.ts';
import { core } from '../mlx/index.ts';
import { type Operation, qualifiedName } from '../registry/operation.ts';
import { calls } from './arbitraries/calls.ts';
import { wrongCalls } from './arbitraries/wrong.ts';
import { type Call, recipesOf } from './call.ts';
import { compareOutcomes, type Outcome } from './compare.ts';
import { type Failure, NOTHING, type OperationReport } from './operation-report.ts';
import { ownCalls } from './own.ts';
import { search } from './search.ts';
import { outcomeOn } from './sides.ts';
import { pythonSnippet, typescriptSnippet } from './snippet.ts';

type OperationTolerance = NonNullable<Operation['sample']['tolerance']>;

export type Runner = (call: Call) => { readonly native: Outcome; readonly python: Outcome };

export interface CheckOptions {
  readonly runs: number;
  readonly seed: number;
  /** Replays one failure: `right:` or `wrong:`, then fast-check's path to the call. */
  readonly path?: string;
  /** Called with each call just before it is made, for the case that the process ends in it. */
  readonly onCall?: (call: Call) => void;
  /** Makes the call on both sides; replaced only in tests. */
  readonly runner?: Runner;
}

export const bothSides: Runner = (call) =>
  core.tidy(() => ({ native: outcomeOn('native', call), python: outcomeOn('python', call) }));

class Tally {
  calls = 0;
  maxUlp = 0;
  readonly dtypes = new Set<string>();

  count(call: Call): void {
    this.calls++;
    for (const dtype of dtypesIn(call)) this.dtypes.add(dtype);
  }
}

/** Runs one operation's right and wrong calls on both backends. */
export function checkOperation(operation: Operation, options: CheckOptions): OperationReport {
  const started = performance.now();
  const name = qualifiedName(operation);
  const own = ownCalls(name);
  const tolerance = toleranceOf(operation);
  const { knownGap } = operation.sample;
  const [right, wrong] = [new Tally(), new Tally()];
  const failures: Failure[] = [];
  const arbitrary = calls(operation);
  if (arbitrary === undefined) {
    failures.push(noGenerator(name, options.seed));
  } else {
    const errorRuns = Math.max(10, Math.ceil(options.runs / 2));
    failures.push(...checkCalls('call', operation, arbitrary, options.runs, right, options));
    // What is wrong for a function of the user's only they know.
    if (own === undefined) {
      failures.push(
        ...checkCalls('wrong call', operation, wrongCalls(operation, arbitrary), errorRuns, wrong, options),
      );
    }
  }
  const isKnown = knownGap !== undefined && failures.length > 0;
  if (knownGap !== undefined && failures.length === 0) failures.push(gapClosed(name, knownGap, options.seed));
  return {
    name,
    family: operation.family,
    status: isKnown ? 'gap' : failures.length > 0 ? 'failed' : 'passed',
    runs: right.calls,
    errorRuns: wrong.calls,
    dtypes: [...right.dtypes].sort(),
    maxUlp: right.maxUlp,
    tolerance: tolerance?.ulp ?? 0,
    reason: knownGap ?? tolerance?.reason ?? null,
    failures,
    milliseconds: Math.round(performance.now() - started),
  };
}

function checkCalls(
  kind: 'call' | 'wrong call',
  operation: Operation,
  arbitrary: fc.Arbitrary<Call>,
  runs: number,
  tally: Tally,
  { seed, path, runner = bothSides, onCall }: CheckOptions,
): Failure[] {
  const toleratedUlp = toleranceOf(operation)?.ulp ?? 0;
  return search({
    kind,
    arbitrary,
    runs,
    seed,
    name: `${kind} ${qualifiedName(operation)}`,
    prefix: kind === 'call' ? 'right:' : 'wrong:',
    path,
    attempt: (call, counted) => {
      onCall?.(call);
      const { native, python } = runner(call);
      const comparison = compareOutcomes(native, python, toleratedUlp);
      if (counted) tally.count(call);
      if (comparison.difference === undefined) tally.maxUlp = Math.max(tally.maxUlp, comparison.ulp);
      return { comparison, native, python };
    },
    typescript: typescriptSnippet,
    python: pythonSnippet,
  });
}

function toleranceOf(operation: Operation): OperationTolerance | undefined {
  const own = ownCalls(qualifiedName(operation));
  return own === undefined ? operation.sample.tolerance : own.tolerance;
}

/** Of its tensors, and those that it asks for. */
function dtypesIn(call: Call): string[] {
  const asked = [...call.positional, ...Object.values(call.keywords)].filter((value) => value instanceof Dtype);
  return [...recipesOf(call).map(({ dtype }) => dtype.name), ...asked.map(({ name }) => name)];
}

function noGenerator(name: string, seed: number): Failure {
  const message = `parity-tests/arbitraries/special has no generator for ${name}`;
  return { ...NOTHING, kind: 'no generator', message, seed };
}

function gapClosed(name: string, reason: string, seed: number): Failure {
  const message = `${name} is a known gap, yet it agrees: take the known gap out of its row ("${reason}")`;
  return { ...NOTHING, kind: 'gap closed', message, seed };
}
