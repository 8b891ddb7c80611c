import type { RowReport } from '../parity-tests/modules/run.ts';
import { didYouMean } from '../registry/naming.ts';
import { UsageError } from './command.ts';
import { log, paint, print, printJson } from './terminal.ts';

interface ModuleOptions {
  readonly runs: number;
  readonly seed: number;
  /** All where there are none. */
  readonly names: readonly string[];
  readonly json: boolean;
  /** Whether modules were imported that add classes of modules: then only those, where no names are given. */
  readonly imported: boolean;
  /** The folder for the report. */
  readonly report: string | undefined;
}

/** `parity --modules`: gives the exit code. */
export async function parityOfModules(options: ModuleOptions): Promise<number> {
  const { runs, seed, names, json, imported, report: folder } = options;
  const { MODULE_CHECKS } = await import('../parity-tests/modules/run.ts');
  const { checkRows } = await import('../parity-tests/modules/fleet.ts');
  const { moduleReport, inWords } = await import('../parity-tests/modules/report.ts');
  const { checkModule, ownModules } = await import('../parity-tests/modules/own.ts');
  const known = MODULE_CHECKS.map(({ name }) => name);
  const own = ownModules();
  for (const name of names) {
    if (known.includes(name) || own.includes(name)) continue;
    throw new UsageError(`--op: no module is named "${name}"${didYouMean(name, [...known, ...own])}`);
  }
  if (imported && names.length + own.length === 0) {
    throw new UsageError('--import: nothing in it says how a class of modules is made, with parity.modules');
  }
  const wanted = (name: string) => names.length === 0 || names.includes(name);
  const chosen = imported && names.length === 0 ? [] : known.flatMap((name, i) => (wanted(name) ? [i] : []));
  const onReport = ({ name, failure, ...counts }: RowReport) => {
    if (json) return;
    const mark = failure === null ? paint('ok', 'green') : paint('differs', 'red');
    print(`${mark} ${name}, ${counts.runs} runs, ${counts.trainings} trainings, ${counts.wrongCalls} wrong calls`);
    if (failure !== null) print(`   ${failure.sample}\n   ${failure.difference}`);
  };
  const start = performance.now();
  const rows = await checkRows(chosen, { runs, seed, onReport });
  for (const name of own.filter(wanted)) {
    const report = checkModule(name, { runs, seed });
    rows.push(report);
    onReport(report);
  }
  const report = moduleReport(rows, { runs, seed, milliseconds: performance.now() - start });
  if (folder !== undefined) {
    const { writeModuleReport } = await import('../parity-tests/modules/report-files.ts');
    for (const path of writeModuleReport(report, folder)) log(`wrote ${path}`);
  }
  if (json) printJson(report);
  else print(inWords(report));
  return report.summary.mismatches === 0 ? 0 : 1;
}
