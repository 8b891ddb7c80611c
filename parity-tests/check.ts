import fc from 'fast-check';
import { core } from '../mlx/index.ts';
import { Dtype } from '../registry/dtypes.ts';
import { type Family, type Operation, qualifiedName } from '../registry/operation.ts';
import { calls } from './arbitraries/calls.ts';
import { wrongCalls } from './arbitraries/wrong.ts';
import { type Call, recipesOf } from './call.ts';
import { type Comparison, compareOutcomes, describeOutcome, type Outcome } from './compare.ts';
import { type Gap, KNOWN_GAPS } from './gaps.ts';
import { ownCalls } from './own.ts';
import { outcomeOn } from './sides.ts';
import { pythonSnippet, typescriptSnippet } from './snippet.ts';
import type { KindCount } from './transforms/check.ts';
import type { Kind } from './transforms/kinds.ts';

export interface Failure {
  readonly kind: 'call' | 'wrong call' | 'process end' | 'gap closed' | 'no generator' | 'flag' | Kind;
  readonly message: string;
  readonly native: string;
  readonly python: string;
  readonly typescript: string;
  readonly pythonSource: string;
  readonly seed: number;
  readonly path: string | null;
  readonly shrinks: number;
}

export interface OperationReport {
  readonly name: string;
  readonly family: Family;
  /** `gap`: it differs, and the list of known gaps says why. */
  readonly status: 'passed' | 'failed' | 'gap';
  readonly runs: number;
  readonly errorRuns: number;
  readonly dtypes: readonly string[];
  readonly maxUlp: number;
  readonly tolerance: number;
  /** Of the tolerance, or of the gap. */
  readonly reason: string | null;
  readonly failures: readonly Failure[];
  /** What each transform came to, where those were taken. */
  readonly transforms?: readonly KindCount[];
  /** Whether the operation has one, beside its transforms. */
  readonly gradient?: string;
  readonly milliseconds: number;
}

type OperationTolerance = NonNullable<Operation['sample']['tolerance']>;

export type Runner = (call: Call) => { readonly native: Outcome; readonly python: Outcome };

export interface CheckOptions {
  readonly runs: number;
  readonly seed: number;
  /** Replays one failure: `right:` or `wrong:`, then fast-check's path to the call. */
  readonly path?: string;
  /** Told of each call just before it is made, for the case that the process ends in it. */
  readonly onCall?: (call: Call) => void;
  /** Makes the call on both sides; replaced only in tests. */
  readonly runner?: Runner;
  readonly gaps?: Readonly<Record<string, Gap>>;
}

/** A failure costs no more than so many calls and milliseconds to make small. */
export const MOST_SHRINKS = 400;
export const LONGEST_SHRINK_MS = 5000;

export const bothSides: Runner = (call) =>
  core.tidy(() => ({ native: outcomeOn('native', call), python: outcomeOn('python', call) }));

/** Another sequence of values for each operation, the same for `--op` alone as in a whole run. */
export function seedOf(seed: number, name: string): number {
  let hash = seed | 0;
  for (const letter of name) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return hash;
}

class Tally {
  calls = 0;
  maxUlp = 0;
  readonly dtypes = new Set<string>();
}

/** Runs one operation's right and wrong calls on both backends. */
export function checkOperation(operation: Operation, options: CheckOptions): OperationReport {
  const started = performance.now();
  const name = qualifiedName(operation);
  const own = ownCalls(name);
  const tolerance = toleranceOf(operation);
  const gap = (options.gaps ?? KNOWN_GAPS)[name];
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
  const isKnown = gap !== undefined && failures.length > 0;
  if (gap !== undefined && failures.length === 0) failures.push(gapClosed(name, gap, options.seed));
  return {
    name,
    family: operation.family,
    status: isKnown ? 'gap' : failures.length > 0 ? 'failed' : 'passed',
    runs: right.calls,
    errorRuns: wrong.calls,
    dtypes: [...right.dtypes].sort(),
    maxUlp: right.maxUlp,
    tolerance: tolerance?.ulp ?? 0,
    reason: gap?.reason ?? tolerance?.reason ?? null,
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
  options: CheckOptions,
): Failure[] {
  const { runner = bothSides, onCall } = options;
  const prefix = kind === 'call' ? 'right:' : 'wrong:';
  if (options.path !== undefined && !options.path.startsWith(prefix)) return [];
  const path = options.path?.slice(prefix.length);
  const toleratedUlp = toleranceOf(operation)?.ulp ?? 0;
  const attempt = (call: Call): { comparison: Comparison; native: Outcome; python: Outcome } => {
    onCall?.(call);
    const { native, python } = runner(call);
    return { comparison: compareOutcomes(native, python, toleratedUlp), native, python };
  };
  let budget = MOST_SHRINKS;
  let deadline = Number.POSITIVE_INFINITY;
  let failed = false;
  const property = fc.property(arbitrary, (call) => {
    if (failed && (budget-- <= 0 || performance.now() > deadline)) return true;
    const { comparison } = attempt(call);
    if (!failed) {
      tally.calls++;
      for (const dtype of dtypesIn(call)) tally.dtypes.add(dtype);
    }
    if (!failed && comparison.difference !== undefined) {
      failed = true;
      deadline = performance.now() + LONGEST_SHRINK_MS;
    }
    if (comparison.difference === undefined) tally.maxUlp = Math.max(tally.maxUlp, comparison.ulp);
    return comparison.difference === undefined;
  });
  const seed = seedOf(options.seed, `${kind} ${qualifiedName(operation)}`);
  const details = fc.check(property, { seed, numRuns: runs, ...(path === undefined ? {} : { path }) });
  if (!details.failed) return [];
  if (details.counterexample === null) throw details.errorInstance ?? new Error('the generator gives no calls');
  const [call] = details.counterexample;
  const { comparison, native, python } = attempt(call);
  const from = { seed: options.seed, path: prefix + details.counterexamplePath };
  return [
    {
      kind,
      message: comparison.difference ?? 'differs, but not when it is run again: the result depends on stray memory',
      native: describeOutcome(native),
      python: describeOutcome(python),
      typescript: typescriptSnippet(call, from),
      pythonSource: pythonSnippet(call, from),
      ...from,
      shrinks: details.numShrinks,
    },
  ];
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

/** Of a failure that no call shows. */
export const NOTHING = { native: '', python: '', typescript: '', pythonSource: '', path: null, shrinks: 0 } as const;

function noGenerator(name: string, seed: number): Failure {
  const message = `parity-tests/arbitraries/special has no generator for ${name}`;
  return { ...NOTHING, kind: 'no generator', message, seed };
}

function gapClosed(name: string, { reason }: Gap, seed: number): Failure {
  const message = `${name} is a known gap, yet it agrees: take it off the list in parity-tests/gaps.ts ("${reason}")`;
  return { ...NOTHING, kind: 'gap closed', message, seed };
}
