import type { Versions } from '../child.ts';
import type { OperationReport } from '../operation-report.ts';

interface Summary {
  readonly operations: number;
  readonly passed: number;
  readonly failed: number;
  /** Calls that gave different answers and that no gap explains. */
  readonly mismatches: number;
  readonly gaps: number;
  /** Each made on both backends. */
  readonly calls: number;
  readonly milliseconds: number;
  readonly versions: Versions;
}

/** The whole result of a run: what `--json` prints and parity.json holds. */
export interface ParityReport {
  readonly seed: number;
  readonly runs: number;
  readonly operations: readonly OperationReport[];
  readonly summary: Summary;
}

export function makeReport(
  operations: readonly OperationReport[],
  run: { readonly seed: number; readonly runs: number; readonly milliseconds: number; readonly versions: Versions },
): ParityReport {
  const { seed, runs, milliseconds, versions } = run;
  const ofStatus = (status: OperationReport['status']) => operations.filter((operation) => operation.status === status);
  const failed = ofStatus('failed');
  return {
    seed,
    runs,
    operations,
    summary: {
      operations: operations.length,
      passed: ofStatus('passed').length,
      failed: failed.length,
      mismatches: failed.reduce((count, { failures }) => count + failures.length, 0),
      gaps: ofStatus('gap').length,
      calls: operations.reduce((count, operation) => count + operation.runs + operation.errorRuns, 0),
      milliseconds: Math.round(milliseconds),
      versions,
    },
  };
}

/** `12,345` and `3.2 s`, for people. */
export function inWords({ summary }: ParityReport): string {
  const { operations, calls, mismatches, gaps, milliseconds } = summary;
  const known = gaps === 0 ? '' : `, ${gaps} known gap${gaps === 1 ? '' : 's'}`;
  const count = `${mismatches} mismatch${mismatches === 1 ? '' : 'es'}`;
  const time = `${(milliseconds / 1000).toFixed(1)} s`;
  return `${operations} operations, ${calls.toLocaleString('en')} calls on both backends, ${count}${known}, ${time}`;
}
