import type { RowReport } from './run.ts';

interface Summary {
  readonly rows: number;
  readonly passed: number;
  readonly mismatches: number;
  /** Right calls, each made on native, on Python, and by Python's own class. */
  readonly runs: number;
  readonly trainings: number;
  readonly wrongCalls: number;
  readonly milliseconds: number;
}

/** The whole result of a run: what `--json` prints and parity.json holds. */
export interface ModuleParity {
  readonly seed: number;
  readonly runs: number;
  readonly modules: readonly RowReport[];
  readonly summary: Summary;
}

export function moduleReport(
  modules: readonly RowReport[],
  { seed, runs, milliseconds }: { readonly seed: number; readonly runs: number; readonly milliseconds: number },
): ModuleParity {
  const sum = (count: (report: RowReport) => number) => modules.reduce((total, report) => total + count(report), 0);
  const mismatches = sum(({ failure }) => (failure === null ? 0 : 1));
  const summary: Summary = {
    rows: modules.length,
    passed: modules.length - mismatches,
    mismatches,
    runs: sum((report) => report.runs),
    trainings: sum(({ trainings }) => trainings),
    wrongCalls: sum(({ wrongCalls }) => wrongCalls),
    milliseconds: Math.round(milliseconds),
  };
  return { seed, runs, modules, summary };
}

/** `158 rows, 7,900 runs, …`, for people. */
export function inWords({ summary }: ModuleParity): string {
  const { rows, runs, trainings, wrongCalls, mismatches, milliseconds } = summary;
  const [right, trained, wrong] = [runs, trainings, wrongCalls].map((count) => count.toLocaleString('en'));
  const found = `${mismatches} mismatch${mismatches === 1 ? '' : 'es'}`;
  return `${rows} rows, ${right} runs, ${trained} trainings, ${wrong} wrong calls, ${found}, ${(milliseconds / 1000).toFixed(1)} s`;
}
