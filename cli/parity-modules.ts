import { didYouMean } from '../registry/naming.ts';
import { UsageError } from './command.ts';
import { paint, print, printJson } from './terminal.ts';

interface ModuleOptions {
  readonly runs: number;
  readonly seed: number;
  /** All where there are none. */
  readonly names: readonly string[];
  readonly json: boolean;
}

/** `parity --modules`: gives the exit code. */
export async function parityOfModules({ runs, seed, names, json }: ModuleOptions): Promise<number> {
  const { MODULE_CHECKS } = await import('../parity-tests/modules/run.ts');
  const { findReference } = await import('../parity-tests/modules/check.ts');
  const known = MODULE_CHECKS.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UsageError(`--op: no module is named "${name}"${didYouMean(name, known)}`);
  }
  findReference();
  const start = performance.now();
  const modules = MODULE_CHECKS.filter(({ name }) => names.length === 0 || names.includes(name)).map((check) => {
    const report = check.run({ runs, seed });
    if (!json) {
      const mark = report.failure === null ? paint('ok', 'green') : paint('differs', 'red');
      print(`${mark} ${report.name}, ${report.runs} runs`);
      if (report.failure !== null) print(`   ${report.failure.sample}\n   ${report.failure.difference}`);
    }
    return report;
  });
  const mismatches = modules.filter(({ failure }) => failure !== null).length;
  const summary = {
    rows: modules.length,
    runs: modules.reduce((sum, report) => sum + report.runs, 0),
    mismatches,
    milliseconds: Math.round(performance.now() - start),
  };
  if (json) printJson({ seed, runs, modules, summary });
  else print(`${summary.rows} rows, ${summary.runs} runs, ${mismatches} differ`);
  return mismatches === 0 ? 0 : 1;
}
