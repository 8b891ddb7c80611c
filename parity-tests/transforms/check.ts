import fc from 'fast-check';
import { core as mx } from '../../mlx/index.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { calls } from '../arbitraries/calls.ts';
import { type Call, recipesOf } from '../call.ts';
import { type Comparison, compareOutcomes, type Outcome } from '../compare.ts';
import { type Failure, type KindCount, NOTHING, type OperationReport } from '../operation-report.ts';
import { type Attempt, search, seedOf } from '../search.ts';
import { type Derivative, hasSlope, slopeOf } from './differences.ts';
import { KINDS, type Kind } from './kinds.ts';
import { limitOf } from './limits.ts';
import { compareWithOrdinary } from './ordinary.ts';
import { placesFor } from './places.ts';
import { pythonTransform, typescriptTransform } from './snippet.ts';
import { transformedOn } from './transformed.ts';

export interface TransformOptions {
  readonly runs: number;
  readonly seed: number;
  /** Replays one failure: the transform and a colon, then fast-check's path to the call. */
  readonly path?: string;
  readonly kinds?: readonly Kind[];
  /** Called with each transform just before it is taken, for the case that the process ends in it. */
  readonly onCall?: (call: Call, kind: Kind) => void;
  /** Takes the transform on both sides; replaced only in tests. */
  readonly runner?: TransformRunner;
}

type TransformRunner = (kind: Kind, call: Call) => { readonly native: Outcome; readonly python: Outcome };

/** Compiling builds kernels, seconds each where several operations fuse. */
const MOST_COMPILED = 2;

const bothSides: TransformRunner = (kind, call) => {
  const places = placesFor(kind, call);
  const [native, python] = (['native', 'python'] as const).map((side) => transformedOn(side, kind, call, places));
  return { native: native as Outcome, python: python as Outcome };
};

class Tally {
  results = 0;
  refusals = 0;
  differences = 0;
  limits = 0;
}

interface Seen {
  isSloped: boolean;
  maxUlp: number;
  readonly dtypes: Set<string>;
  /** What MLX got wrong, and in which transforms. */
  readonly limits: Map<string, Set<Kind>>;
}

/** Takes transforms of generated calls of the operation on both sides, and holds them against each other and more. */
export function checkTransforms(operation: Operation, options: TransformOptions): OperationReport {
  const started = performance.now();
  const name = qualifiedName(operation);
  const failures: Failure[] = [];
  const counts: KindCount[] = [];
  const seen: Seen = { isSloped: false, maxUlp: 0, dtypes: new Set(), limits: new Map() };
  const arbitrary = calls(operation);
  for (const kind of arbitrary === undefined ? [] : (options.kinds ?? KINDS)) {
    if (options.path !== undefined && !options.path.startsWith(`${kind}:`)) continue;
    const tally = new Tally();
    failures.push(...checkKind(kind, operation, arbitrary as fc.Arbitrary<Call>, tally, seen, options));
    if (kind === 'vjp' && failures.length === 0)
      failures.push(...checkFlag(operation, arbitrary as fc.Arbitrary<Call>, seen, options));
    if (tally.results + tally.refusals > 0) counts.push({ kind, ...tally });
  }
  const total = (count: (one: KindCount) => number) => counts.reduce((sum, one) => sum + count(one), 0);
  return {
    name,
    family: operation.family,
    status: failures.length > 0 ? 'failed' : counts.some(({ limits }) => limits > 0) ? 'gap' : 'passed',
    runs: total(({ results }) => results),
    errorRuns: total(({ refusals }) => refusals),
    dtypes: [...seen.dtypes].sort(),
    maxUlp: seen.maxUlp,
    tolerance: 0,
    reason: reasonOf(seen),
    failures,
    transforms: counts,
    gradient: operation.gradient?.kind ?? 'not known',
    milliseconds: Math.round(performance.now() - started),
  };
}

function reasonOf({ limits }: Seen): string | null {
  const texts = [...limits].map(([reason, kinds]) => `${[...kinds].join(', ')}: ${reason}`);
  return texts.length === 0 ? null : texts.join('; ');
}

/** Few runs may have had no floats, or nothing but infinities. */
function isEverSloped(operation: Operation, arbitrary: fc.Arbitrary<Call>, { seed }: TransformOptions): boolean {
  return fc
    .sample(arbitrary, { numRuns: 100, seed: seedOf(seed + 1, qualifiedName(operation)) })
    .some((call) => mx.tidy(() => slopeOf(call, 'vjp').isSloped || hasSlope(call)));
}

/** A row may not say that MLX differentiates what it does not, nor the other way round. */
function checkFlag(operation: Operation, arbitrary: fc.Arbitrary<Call>, { isSloped }: Seen, options: TransformOptions) {
  const { kind, reason } = operation.gradient ?? { kind: 'none', reason: '' };
  const { seed, path } = options;
  const isWrong = kind === 'none' ? isSloped : !isSloped && !isEverSloped(operation, arbitrary, options);
  if (!isWrong || path !== undefined) return [];
  const message =
    kind === 'none'
      ? `the catalogue says that it has no gradient (${reason}), yet MLX gives one that is not zero`
      : `the catalogue says that it has a gradient (${kind}), yet every one is refused or zero`;
  return [{ ...NOTHING, kind: 'flag', message, seed } as const];
}

function isDerivative(kind: Kind): kind is Derivative {
  return kind === 'vjp' || kind === 'second-vjp' || kind === 'jvp';
}

function attempt(kind: Kind, call: Call, tally: Tally, seen: Seen, runner: TransformRunner): Attempt {
  const { native, python } = runner(kind, call);
  const comparison = compareOutcomes(native, python, 0);
  const limit = limitOf(kind, call);
  const excused = (reason: string): Attempt => {
    tally.limits++;
    seen.limits.set(reason, (seen.limits.get(reason) ?? new Set()).add(kind));
    return { comparison: { ulp: 0, difference: undefined }, native, python };
  };
  if (comparison.difference !== undefined) {
    if (limit?.readsOutOfBounds === undefined) return { comparison, native, python };
    tally.results++;
    return excused(limit.reason);
  }
  if (native.kind === 'error') {
    tally.refusals++;
    return { comparison, native, python };
  }
  tally.results++;
  const right = isDerivative(kind)
    ? compareWithDifferences(kind, call, tally, seen)
    : compareWithOrdinary(kind, call, native);
  if (right.difference !== undefined && limit !== undefined) return excused(limit.reason);
  return { comparison: { ...right, ulp: comparison.ulp }, native, python };
}

function compareWithDifferences(kind: Derivative, call: Call, tally: Tally, seen: Seen): Comparison {
  if (call.operation.gradient?.kind === 'none') {
    if (kind === 'vjp') seen.isSloped ||= hasSlope(call);
    return { ulp: 0, difference: undefined };
  }
  const slope = slopeOf(call, kind);
  if (slope.isExact) tally.differences++;
  if (kind === 'vjp') seen.isSloped ||= slope.isSloped || hasSlope(call);
  return { ulp: 0, difference: slope.difference };
}

function checkKind(
  kind: Kind,
  operation: Operation,
  arbitrary: fc.Arbitrary<Call>,
  tally: Tally,
  seen: Seen,
  { runs, seed, path, runner = bothSides, onCall }: TransformOptions,
): Failure[] {
  return search({
    kind,
    arbitrary,
    runs: kind === 'compile' ? Math.min(runs, MOST_COMPILED) : runs,
    seed,
    name: qualifiedName(operation),
    prefix: `${kind}:`,
    path,
    attempt: (call, counted) => {
      if (placesFor(kind, call).length === 0) return undefined;
      onCall?.(call, kind);
      const tried = mx.tidy(() => attempt(kind, call, counted ? tally : new Tally(), seen, runner));
      if (counted) for (const { dtype } of recipesOf(call)) seen.dtypes.add(dtype.name);
      seen.maxUlp = Math.max(seen.maxUlp, tried.comparison.ulp);
      return tried;
    },
    typescript: (call, from) => typescriptTransform(kind, call, from),
    python: (call, from) => pythonTransform(kind, call, from),
  });
}
