import { didYouMean } from '../registry/naming.ts';
import { UsageError } from './command.ts';
import { log, paint, print, printJson } from './terminal.ts';

interface ModuleOptions {
  readonly runs: number;
  readonly seed: number;
  /** All where there are none. */
  readonly names: readonly string[];
  readonly json: boolean;
  /** The folder for the report. */
  readonly report: string | undefined;
}

/** `parity --modules`: gives the exit code. */
export async function parityOfModules({ runs, seed, names, json, report: folder }: ModuleOptions): Promise<number> {
  const { MODULE_CHECKS } = await import('../parity-tests/modules/run.ts');
  const { checkRows } = await import('../parity-tests/modules/fleet.ts');
  const { moduleReport, inWords } = await import('../parity-tests/modules/report.ts');
  const known = MODULE_CHECKS.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UsageError(`--op: no module is named "${name}"${didYouMean(name, known)}`);
  }
  const chosen = known.flatMap((name, i) => (names.length === 0 || names.includes(name) ? [i] : []));
  const start = performance.now();
  const rows = await checkRows(chosen, {
    runs,
    seed,
    onReport: ({ name, failure, ...counts }) => {
      if (json) return;
      const mark = failure === null ? paint('ok', 'green') : paint('differs', 'red');
      print(`${mark} ${name}, ${counts.runs} runs, ${counts.trainings} trainings, ${counts.wrongCalls} wrong calls`);
      if (failure !== null) print(`   ${failure.sample}\n   ${failure.difference}`);
    },
  });
  const report = moduleReport(rows, { runs, seed, milliseconds: performance.now() - start });
  if (folder !== undefined) {
    const { writeModuleReport } = await import('../parity-tests/modules/report-files.ts');
    for (const path of writeModuleReport(report, folder)) log(`wrote ${path}`);
  }
  if (json) printJson(report);
  else print(inWords(report));
  return report.summary.mismatches === 0 ? 0 : 1;
}
