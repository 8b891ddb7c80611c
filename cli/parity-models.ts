import type { RowReport } from '../parity-tests/models/check.ts';
import { didYouMean } from '../registry/naming.ts';
import { UsageError } from './command.ts';
import { log, paint, print, printJson } from './terminal.ts';

interface ModelOptions {
  readonly runs: number;
  readonly seed: number;
  /** All where there are none. */
  readonly names: readonly string[];
  readonly json: boolean;
  /** The interpreter with mlx_lm; undefined: the one that the workers use. */
  readonly python: string | undefined;
}

/** `parity --models`: gives the exit code. */
export async function parityOfModels({ runs, seed, names, json, python }: ModelOptions): Promise<number> {
  const { MODELS } = await import('../parity-tests/models/rows.ts');
  const { checkModels, inWords } = await import('../parity-tests/models/run.ts');
  const { NoReferenceError } = await import('../parity-tests/models/python.ts');
  const { locatePython } = await import('../python-bridge/workers/locate.ts');
  const known = MODELS.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UsageError(`--only: no architecture is named "${name}"${didYouMean(name, known)}`);
  }
  const location = locatePython(python);
  if (location.python === null) {
    if (python !== undefined) throw new UsageError(`--python: expected an executable file, received "${python}"`);
    log(`parity: there is no Python with mlx_lm to compare with: ${location.source}`);
    return 1;
  }
  const rows = MODELS.filter(({ name }) => names.length === 0 || names.includes(name));
  const onReport = ({ name, failure, reasons, ...counts }: RowReport) => {
    if (json) return;
    const mark = failure === null ? paint('ok', 'green') : paint('differs', 'red');
    const { checkpoints, logits, sequences } = counts;
    print(`${mark} ${name}, ${checkpoints} checkpoints, ${logits} arrays of scores, ${sequences} sequences`);
    for (const reason of reasons) print(`   ${reason}`);
    if (failure !== null) print(`   ${failure.sample}\n   ${failure.difference}`);
  };
  try {
    const place = { python: location.python, blas: location.blas };
    const report = await checkModels(rows, { runs, seed, place, onReport });
    if (json) printJson(report);
    else print(inWords(report));
    return report.summary.mismatches === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof NoReferenceError)) throw error;
    log(`parity: ${error.message}`);
    return 1;
  }
}
