import type { Measurement } from '../bench/measure.ts';
import { ROWS, type Row, SUITES, type Suite } from '../bench/rows.ts';
import { didYouMean } from '../registry/naming.ts';
import { type Command, oneOf, parseOptions, UsageError } from './command.ts';
import { log, paint, print, printJson, table } from './terminal.ts';

const DEFAULT_SUITES = 'micro,memory,matmul';
const DEFAULT_ROUNDS = 7;

const options = {
  json: { type: 'boolean', default: false },
  suite: { type: 'string', multiple: true },
  row: { type: 'string', multiple: true },
  rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
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

function roundsOf(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 1000) return rounds;
  throw new UsageError(`--rounds: expected a whole number from 1 to 1000, received "${text}"`);
}

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(args, options);
  const rows = choose(values.suite, values.row);
  const rounds = roundsOf(values.rounds);
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
  const measurements = await measureRows(rows, rounds, ({ suite, name }, index) => {
    log(`[${index + 1}/${rows.length}] ${suite}: ${name}`);
  });
  const environment = {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    mlx: native.mlxVersion ?? null,
    device: native.device ?? null,
    blas: native.blas ?? null,
  };
  if (values.json) printJson({ environment, rounds, rows: measurements });
  else show(measurements);
  return 0;
}

const UNITS = { ns: 'ns', us: 'µs', ms: 'ms', MB: 'MB', bytes: 'bytes' } as const;

function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

type Cell = (measurement: Measurement) => string;

const NUMBERS: Readonly<Record<string, Cell>> = {
  avg: ({ ours }) => figure(ours.avg),
  median: ({ ours }) => figure(ours.median),
  min: ({ ours }) => figure(ours.min),
  max: ({ ours }) => figure(ours.max),
  p99: ({ ours }) => (ours.p99 === undefined ? '' : figure(ours.p99)),
  python: ({ python }) => (python === null ? '' : figure(python.median)),
  ratio: ({ ratio, meetsTarget }) => (ratio === null ? '' : paint(ratio.toFixed(2), meetsTarget ? 'green' : 'yellow')),
  'cpu ratio': ({ cpuRatio }) => (cpuRatio === null ? '' : cpuRatio.toFixed(2)),
  'GFLOP/s': ({ rate }) => (rate?.unit === 'GFLOP/s' ? figure(rate.ours) : ''),
  'op/s': ({ rate }) => (rate?.unit === 'op/s' ? rate.ours.toLocaleString('en') : ''),
  'GB/s': ({ rate }) => (rate?.unit === 'GB/s' ? figure(rate.ours) : ''),
};

/** Numbers that no row of the suite has get no column. */
function tableOf(rows: readonly Measurement[]): string {
  const numbers = Object.entries(NUMBERS).filter(([, cell]) => rows.some((row) => cell(row) !== ''));
  const columns = [
    { title: 'row' },
    { title: 'unit' },
    ...numbers.map(([title]) => ({ title, right: true })),
    { title: 'recommendation' },
  ];
  return table(
    columns,
    rows.map((row) => [row.name, UNITS[row.unit], ...numbers.map(([, cell]) => cell(row)), row.recommendation]),
  );
}

function show(measurements: readonly Measurement[]): void {
  for (const suite of new Set(measurements.map((measurement) => measurement.suite))) {
    print(`${paint(suite, 'bold')}\n${tableOf(measurements.filter((measurement) => measurement.suite === suite))}\n`);
  }
  const met = measurements.filter(({ meetsTarget }) => meetsTarget).length;
  print('ratio: the median over the rounds of Python / ours, so above 1 ours is faster');
  if (measurements.some(({ cpuRatio }) => cpuRatio !== null)) {
    print('cpu ratio: the same of processor time on all threads, which a busy machine changes less');
  }
  print(`${met} of ${measurements.length} rows meet their target`);
}

export const bench: Command = {
  summary: 'measure against plain Python MLX in its own process',
  usage: `Usage: mlx-router bench [options]

Measures both sides in turn, round by round, each in a process of its own with the same BLAS.
Above 1 in the column "ratio" ours is faster.

  --suite NAME   ${[...SUITES, 'all'].join(', ')} (${DEFAULT_SUITES} unless told otherwise)
  --row NAME     only this row; may be repeated
  --rounds N     measurements of each row on each side (${DEFAULT_ROUNDS})
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
