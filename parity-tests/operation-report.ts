import type { Family } from '../registry/operation.ts';
import type { Kind } from './transforms/kinds.ts';

/** One thing that is wrong with an operation, and the smallest call that shows it. */
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

/** Of a failure that no call shows. */
export const NOTHING = { native: '', python: '', typescript: '', pythonSource: '', path: null, shrinks: 0 } as const;

/** What one transform of one operation came to. */
export interface KindCount {
  readonly kind: Kind;
  /** Calls that gave results, the same on both sides. */
  readonly results: number;
  /** Calls that both sides refused with the same error. */
  readonly refusals: number;
  /** Calls whose derivative was held against differences. */
  readonly differences: number;
  /** Calls that are alike on both sides, and that MLX gets wrong for the reason that the list of its limits has. */
  readonly limits: number;
}

/** What the calls of one operation came to, or the transforms of its calls. */
export interface OperationReport {
  readonly name: string;
  readonly family: Family;
  /** `gap`: the backends differ, and the row of the operation says why. */
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
