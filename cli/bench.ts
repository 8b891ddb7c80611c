import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Peer } from '../bench/measure.ts';
import { ROWS, type Row, SUITES, type Suite } from '../bench/rows.ts';
import type { Run } from '../bench/tables.ts';
import { packageRoot } from '../foundation/system/package-root.ts';
import { didYouMean } from '../registry/naming.ts';
import { addToHistory, judge, readRun } from './bench-guard.ts';
import { show } from './bench-table.ts';
import { type Command, oneOf, parseOptions, UsageError } from './command.ts';
import { log, print, printJson } from './terminal.ts';

const DEFAULT_SUITES = 'micro,memory,matmul';
const DEFAULT_ROUNDS = 7;
/** Where rows take seconds. */
const LANGUAGE_MODEL_ROUNDS = 3;

const options = {
  json: { type: 'boolean', default: false },
  suite: { type: 'string', multiple: true },
  row: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  model: { type: 'string' },
  peers: { type: 'boolean', default: false },
  floor: { type: 'boolean', default: false },
  long: { type: 'boolean', default: false },
  baseline: { type: 'string' },
  history: { type: 'string' },
} as const;

/** What `a,b` and repeated options name. */
function words(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',')).filter((word) => word !== '');
}

function choose(suites: readonly string[] | undefined, rows: readonly string[] | undefined): Row[] {
  const names = words(rows ?? []);
  for (const name of names) {
    const known = ROWS.map((row) => row.name);
    if (!known.includes(name)) throw new UsageError(`--row: no row is named "${name}"${didYouMean(name, known)}`);
  }
  // A row by its name is measured whatever its suite, unless suites are given too.
  const asked = words(suites ?? (names.length > 0 ? ['all'] : [DEFAULT_SUITES]));
  const wanted = new Set<Suite>();
  for (const name of asked) {
    const suite = oneOf('--suite', name, [...SUITES, 'all']);
    for (const each of suite === 'all' ? SUITES : [suite]) wanted.add(each);
  }
  const chosen = ROWS.filter(({ name, suite }) => wanted.has(suite) && (names.length === 0 || names.includes(name)));
  if (chosen.length === 0) throw new UsageError('no row is in both --suite and --row');
  return chosen;
}

function roundsOf(text: string | undefined, rows: readonly Row[]): number {
  if (text === undefined) return rows.every(isOfLanguageModels) ? LANGUAGE_MODEL_ROUNDS : DEFAULT_ROUNDS;
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 1000) return rounds;
  throw new UsageError(`--rounds: expected a whole number from 1 to 1000, received "${text}"`);
}

const isOfLanguageModels = ({ suite }: Row): boolean => suite === 'lm';

/** What rows of language models need besides: files of models, and what else is measured. */
async function surroundingsOf(rows: readonly Row[], model: string | undefined, peers: boolean) {
  if (!rows.some(isOfLanguageModels)) {
    if (model !== undefined) throw new UsageError('--model is for rows of the suite "lm"');
    return undefined;
  }
  if (model !== undefined && !existsSync(model)) throw new UsageError(`--model: there is no ${model}`);
  const { surroundLanguageModels } = await import('../bench/language-models/surroundings.ts');
  const needs = rows.some(({ name }) => name === 'embed-256') ? 'both' : 'model';
  return surroundLanguageModels({ model, peers, needs });
}

/** The other libraries that have work in these rows, installed where they can be. */
async function arrayPeersFor(rows: readonly Row[]): Promise<readonly Peer[]> {
  const { arrayPeers, isForArrayPeers } = await import('../bench/peers/arrays.ts');
  if (rows.some(isForArrayPeers)) return arrayPeers();
  if (rows.some(isOfLanguageModels)) return [];
  throw new UsageError('--peers is for the row "chain" and the suites "matmul", "bandwidth" and "lm"');
}

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(args, options);
  const chosen = choose(values.suite, values.row);
  const rounds = roundsOf(values.rounds, chosen);
  if (values.floor && !chosen.some(({ suite }) => suite === 'micro' || suite === 'programs')) {
    throw new UsageError('--floor is for rows of the suites "micro" and "programs"');
  }
  // Before anything is measured, which takes minutes.
  const earlier = values.baseline === undefined ? undefined : readRun(values.baseline);
  const rows = chosen.map((row) => (values.long ? { ...row, count: row.longCount ?? row.count } : row));
  // Late, as both load the library, which may refuse its environment.
  const { internals } = await import('../mlx/index.ts');
  const { measureRows } = await import('../bench/measure.ts');
  const { stopAll } = await import('../bench/processes.ts');
  const native = internals.nativeBackend.status(true);
  if (!native.available && rows.some(({ suite }) => suite !== 'bridge')) {
    log(`mlx-router: there is no native backend to measure; see "mlx-router doctor"\n${native.problem}`);
    return 1;
  }
  process.once('exit', stopAll);
  const peers = values.peers ? await arrayPeersFor(rows) : [];
  const around = await surroundingsOf(rows, values.model, values.peers);
  const measurements = await measureRows(rows, rounds, {
    ...around,
    peers: [...(around?.peers ?? []), ...peers],
    ...(values.floor && { startFloor: await (await import('../bench/floor.ts')).buildFloor() }),
    progress: ({ suite, name }, index) => log(`[${index + 1}/${rows.length}] ${suite}: ${name}`),
  });
  around?.end();
  const environment = {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    mlx: native.mlxVersion ?? null,
    device: native.device ?? null,
    blas: native.blas ?? null,
    ...(around && { models: around.models }),
  };
  const outcome: Run = { environment, rounds, rows: measurements };
  if (values.json) printJson(outcome);
  else {
    show(measurements);
    if (around !== undefined) print(`models: ${around.models.language}, ${around.models.encoder}`);
  }
  if (values.history !== undefined) addToHistory(values.history, outcome, commitOf());
  if (earlier === undefined) return 0;
  const { passed, lines } = judge(earlier, outcome);
  // Standard output is for the JSON alone.
  for (const line of lines) (values.json ? log : print)(line);
  return passed ? 0 : 1;
}

/** What is checked out, if anything. */
function commitOf(): string | null {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: packageRoot(), encoding: 'utf8' });
  return stdout?.trim() || null;
}

export const bench: Command = {
  summary: 'measure against plain Python MLX in its own process',
  usage: `Usage: mlx-router bench [options]

Measures both sides in turn, round by round, each in a process of its own with the same BLAS.
Above 1 in the column "ratio" ours is faster.

  --suite NAME   ${[...SUITES, 'all'].join(', ')} (${DEFAULT_SUITES} unless told otherwise)
  --row NAME     only this row; may be repeated
  --rounds N     measurements of each row on each side (${DEFAULT_ROUNDS}; of the suite lm alone ${LANGUAGE_MODEL_ROUNDS})
  --model PATH   of the suite lm: a .gguf file or a folder (what "npm run models" has installed, else random weights)
  --peers        install other libraries with npm, in folders apart, and measure them beside: llama.cpp in the suite lm;
                 jax-js, TensorFlow.js, ONNX Runtime and @frost-beta/mlx in chain, matmul and bandwidth
  --floor        of the suites micro and programs: build the same calls of MLX in C++, and measure them beside
  --long         of the suite lm: longer answers where memory is measured
  --baseline FILE  the JSON of an earlier run: ends with 1 where a row is slower than in it by more than 10 % and the
                 intervals of the two do not overlap
  --history FILE a file to which a line with the figures is added
  --json         { environment, rounds, rows }

Rows: ${SUITES.map((suite) => `\n  ${suite.padEnd(9)} ${namesOf(suite)}`).join('')}`,
  run,
};

function namesOf(suite: Suite): string {
  const lines: string[] = [''];
  for (const { name } of ROWS.filter((row) => row.suite === suite)) {
    const line = lines.at(-1) as string;
    if (line.length + name.length > 90) lines.push(name);
    else lines[lines.length - 1] = line === '' ? name : `${line}, ${name}`;
  }
  return lines.join(`,\n${''.padEnd(12)}`);
}
