import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../foundation/errors/message.ts';
import { didYouMean } from '../registry/naming.ts';
import { FAMILIES, type Operation, qualifiedName } from '../registry/operation.ts';
import { publicName } from '../registry/registry.ts';
import { oneOf, parseOptions, UsageError } from './command.ts';
import { log, paint, print, printJson } from './terminal.ts';

const USAGE = `Usage: mlx-router parity [options]

Makes calls of every operation that both backends have, right ones and wrong ones, on both, and compares what they
give: structure, shape, dtype and every bit, or the error's class and text. Ends with 1 if anything differs.

  --op NAME       only this operation, by its qualified name (linalg.svd); may be repeated
  --family NAME   only this family; may be repeated
  --runs N        right calls of each operation (25), and half as many wrong ones; seeds of each model (1)
  --seed N        another seed makes other calls (1)
  --transforms    instead of the calls their transforms: vjp, second vjp, jvp, vmap and compile on both backends; and
                  derivatives against differences, vmap against a loop, compile against the call without it
  --modules       instead of operations the layers, functions, losses, initializers, schedules and optimizers of nn and
                  optimizers, native and in Python, against Python's own: outputs, gradients, parameters, ten steps of
                  training, files of weights and state, and wrong calls
  --models        instead of operations the language models of lm, each small and with random weights: what they compute
                  from the same files as Python's mlx_lm, bit for bit, and what they generate
  --only NAME     of --models only this architecture; may be repeated
  --python PATH   the interpreter with mlx_lm, for --models; by default that of the workers (MLX_ROUTER_PYTHON)
  --import FILE   first imports this module, which registers operations of your own and says how their calls are made
                  (mlx-router/parity); may be repeated; without --op and --family only those are compared
  --path PATH     runs one failure again; needs --op
  --report DIR    writes parity.json, parity.md and parity.html there
  --json          { seed, runs, operations, summary }`;

const options = {
  op: { type: 'string', multiple: true, default: [] as string[] },
  family: { type: 'string', multiple: true, default: [] as string[] },
  runs: { type: 'string' },
  seed: { type: 'string', default: '1' },
  transforms: { type: 'boolean', default: false },
  modules: { type: 'boolean', default: false },
  models: { type: 'boolean', default: false },
  only: { type: 'string', multiple: true, default: [] as string[] },
  python: { type: 'string' },
  import: { type: 'string', multiple: true, default: [] as string[] },
  path: { type: 'string' },
  report: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${option}: expected a whole number from ${least} up, received "${text}"`);
}

/** The whole names of the operations that are called so in their namespaces; else the nearest name. */
function meant(name: string, all: readonly Operation[]): string {
  const plain = name.replace(/^mx\./, '');
  const inside = all.filter((one) => one.name === plain || publicName(one) === `mx.${plain}`).map(qualifiedName);
  if (inside.length > 0) return `; its whole name is "${inside.join('" or "')}"`;
  return didYouMean(name, all.map(qualifiedName));
}

type IsTested = (operation: Operation) => boolean;

/** Those asked for; a usage error for a name that is none, or that parity cannot run. */
function choose(all: readonly Operation[], names: readonly string[], families: readonly string[], isTested: IsTested) {
  const byName = new Map(all.map((operation) => [qualifiedName(operation), operation]));
  for (const name of names) {
    const operation = byName.get(name);
    if (operation === undefined) throw new UsageError(`--op: no operation is named "${name}"${meant(name, all)}`);
    if (!isTested(operation)) {
      const { python, nativeReason, sample } = operation;
      const why =
        operation.family === 'user'
          ? 'it needs a Python function, a port, and its calls described with parity.calls (mlx-router/parity)'
          : sample.generator === 'none'
            ? (sample.constraint ?? 'a test elsewhere covers it')
            : python === null
              ? 'it has no Python implementation'
              : (nativeReason ?? 'the built addon does not have it');
      throw new UsageError(`--op: "${name}" cannot be compared: ${why}`);
    }
  }
  const wanted = (operation: Operation) =>
    (names.length === 0 && families.length === 0) ||
    names.includes(qualifiedName(operation)) ||
    families.includes(operation.family);
  return all.filter((operation) => wanted(operation) && isTested(operation));
}

async function importOwn(url: string, file: string): Promise<void> {
  try {
    await import(url);
  } catch (error) {
    const isUnread = (error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION';
    const how = isUnread ? '; give Node.js a loader for it: NODE_OPTIONS="--import tsx", or pass JavaScript' : '';
    throw new UsageError(`--import: "${file}" cannot be imported: ${messageOf(error)}${how}`);
  }
}

/** Makes the folder, where that can be; a usage error where nothing could be written in the end. */
function checkFolder(option: string, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UsageError(`${option}: expected a folder to write into, received "${folder}": ${messageOf(error)}`);
  }
}

/** The command: gives the exit code. */
export async function parity(args: string[]): Promise<number> {
  const { values } = parseOptions(args, options);
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const runs = whole('--runs', values.runs ?? (values.models ? '1' : '25'), 1);
  const seed = whole('--seed', values.seed, 0);
  const families = values.family.map((family) => oneOf('--family', family, FAMILIES));
  if (values.path !== undefined && values.op.length !== 1) throw new UsageError('--path needs one --op');
  if (!values.models && (values.only.length > 0 || values.python !== undefined)) {
    throw new UsageError('--only and --python need --models');
  }
  if (values.models) {
    const { parityOfModels } = await import('./parity-models.ts');
    return parityOfModels({ runs, seed, names: values.only, json: values.json, python: values.python });
  }
  const imports = values.import.map((file) => pathToFileURL(resolve(file)).href);
  for (const [i, url] of imports.entries()) await importOwn(url, values.import[i] as string);
  if (values.modules) {
    const { parityOfModules } = await import('./parity-modules.ts');
    if (values.report !== undefined) checkFolder('--report', values.report);
    const imported = imports.length > 0;
    return parityOfModules({ runs, seed, names: values.op, json: values.json, imported, report: values.report });
  }
  const { registry } = await import('../mlx/index.ts');
  const { hasBothSides } = await import('../parity-tests/sides.ts');
  const { checkAll } = await import('../parity-tests/fleet.ts');
  const { makeReport, inWords } = await import('../parity-tests/report/summary.ts');
  const { failureText } = await import('../parity-tests/report/text.ts');
  const { ownCalls } = await import('../parity-tests/own.ts');
  const own = (operation: Operation) => ownCalls(qualifiedName(operation)) !== undefined;
  const all =
    imports.length > 0 && values.op.length + families.length === 0 ? registry.all().filter(own) : registry.all();
  const operations = choose(
    all,
    values.op,
    families,
    (operation) =>
      (operation.sample.generator !== 'none' || (own(operation) && !values.transforms)) && hasBothSides(operation),
  );
  if (operations.length === 0) {
    log('parity: none of these operations is on both backends; see `mlx-router doctor` for what is missing');
    return 1;
  }
  if (values.report !== undefined) checkFolder('--report', values.report);
  const progress = new Progress(operations, values.json ? () => undefined : print);
  const start = performance.now();
  const { reports, versions } = await checkAll(operations, {
    runs,
    seed,
    path: values.path,
    transforms: values.transforms,
    imports,
    onReport: (report) => progress.add(report),
  });
  const report = makeReport(reports, { seed, runs, milliseconds: performance.now() - start, versions });
  if (values.report !== undefined) {
    const { writeReport } = await import('../parity-tests/report/write.ts');
    for (const path of writeReport(report, values.report)) log(`wrote ${path}`);
  }
  if (values.json) {
    printJson(report);
  } else {
    for (const operation of reports) {
      for (const failure of operation.failures) print(`\n${failureText(operation, failure)}`);
    }
    print(`\n${paint(inWords(report), report.summary.failed === 0 ? 'green' : 'red')}`);
  }
  return report.summary.failed === 0 ? 0 : 1;
}

interface Done {
  readonly family: string;
  readonly status: string;
  readonly runs: number;
  readonly errorRuns: number;
  readonly milliseconds: number;
}

/** One line for each family, when its last operation is done. */
class Progress {
  readonly #open = new Map<string, number>();
  readonly #done = new Map<string, Done[]>();
  readonly #print: (line: string) => void;

  constructor(operations: readonly Operation[], print: (line: string) => void) {
    for (const { family } of operations) this.#open.set(family, (this.#open.get(family) ?? 0) + 1);
    this.#print = print;
  }

  add(report: Done): void {
    const { family } = report;
    const done = [...(this.#done.get(family) ?? []), report];
    this.#done.set(family, done);
    if (done.length < (this.#open.get(family) ?? 0)) return;
    const calls = done.reduce((sum, { runs, errorRuns }) => sum + runs + errorRuns, 0);
    const seconds = done.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
    const bad = done.filter(({ status }) => status === 'failed').length;
    const verdict = bad === 0 ? paint('agree', 'green') : paint(`${bad} differ`, 'red');
    const figures = `${String(done.length).padStart(4)} operations ${calls.toLocaleString('en').padStart(8)} calls`;
    this.#print(`${family.padEnd(11)}${figures} ${seconds.toFixed(1).padStart(6)} s  ${verdict}`);
  }
}
