// The figures of `bench` as a person reads them.
import type { Measurement } from '../bench/measure.ts';
import { UNITS } from '../bench/rows.ts';
import { median } from '../bench/statistics.ts';
import { percent } from '../bench/tables.ts';
import { paint, print, table } from './terminal.ts';

function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** What another library took, in the row's unit; of language models its tokens in a second. */
function peerCell(name: string, { peers, rate }: Measurement): string {
  const figures = peers.find((peer) => peer.name === name)?.figures;
  if (figures == null) return peers.some((peer) => peer.name === name) ? '–' : '';
  return figure(rate?.unit === 'tokens/s' ? 1000 / figures.median : figures.median);
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
  floor: ({ floor }) => (floor === null ? '' : figure(floor.figures.median)),
  'ours/floor': ({ floor }) => (floor === null ? '' : floor.ours.toFixed(2)),
  'Python/floor': ({ floor }) => (floor?.python == null ? '' : floor.python.toFixed(2)),
  'cpu ratio': ({ cpuRatio }) => (cpuRatio === null ? '' : cpuRatio.toFixed(2)),
  threads: ({ threads }) => (threads === null ? '' : threads.toFixed(1)),
  'GFLOP/s': ({ rate }) => (rate?.unit === 'GFLOP/s' ? figure(rate.ours) : ''),
  'op/s': ({ rate }) => (rate?.unit === 'op/s' ? Math.round(rate.ours).toLocaleString('en') : ''),
  'GB/s': ({ rate }) => (rate?.unit === 'GB/s' ? figure(rate.ours) : ''),
  'of copy': ({ bandwidth }) => (bandwidth === null ? '' : percent(bandwidth.ofAll)),
  'of copy, 1 thread': ({ bandwidth }) => (bandwidth === null ? '' : percent(bandwidth.ofOne)),
  'tokens/s': ({ rate }) => (rate?.unit === 'tokens/s' ? figure(rate.ours) : ''),
  Python: ({ rate }) => (rate?.unit === 'tokens/s' && rate.python !== null ? figure(rate.python) : ''),
};

const OF_FLOOR: ReadonlySet<string> = new Set(['floor', 'ours/floor', 'Python/floor']);

/** Numbers that no row of the suite has get no column. */
function tableOf(rows: readonly Measurement[]): string {
  const names = new Set(rows.flatMap(({ peers }) => peers.map(({ name }) => name)));
  const others = Object.fromEntries([...names].map((name): [string, Cell] => [name, (row) => peerCell(name, row)]));
  const numbers = Object.entries({ ...NUMBERS, ...others }).filter(([, cell]) => rows.some((row) => cell(row) !== ''));
  const columns = [
    { title: 'row' },
    { title: 'unit' },
    ...numbers.map(([title]) => ({ title, right: true })),
    { title: 'recommendation' },
  ];
  return table(
    columns,
    rows.map((row) => [
      row.name,
      UNITS[row.unit],
      ...numbers.map(([title, cell]) => cell(row) || (OF_FLOOR.has(title) ? '–' : '')),
      row.recommendation,
    ]),
  );
}

/** What is too long for a cell, once each. */
function notesOf(measurements: readonly Measurement[]): Set<string> {
  const peers = measurements.flatMap(({ peers }) =>
    peers.flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}`])),
  );
  const absent = measurements.flatMap(({ ratio, recommendation }) =>
    ratio === null && recommendation.startsWith('not compared: Python has') ? [recommendation] : [],
  );
  return new Set([...absent, ...peers]);
}

/** Prints a table for each suite, and what the columns mean. */
export function show(measurements: readonly Measurement[]): void {
  for (const suite of new Set(measurements.map((measurement) => measurement.suite))) {
    print(`${paint(suite, 'bold')}\n${tableOf(measurements.filter((measurement) => measurement.suite === suite))}\n`);
  }
  const met = measurements.filter(({ meetsTarget }) => meetsTarget).length;
  print('ratio: the median over the rounds of Python / ours, so above 1 ours is faster');
  if (measurements.some(({ cpuRatio }) => cpuRatio !== null)) {
    print('cpu ratio: the same of processor time on all threads, which a busy machine changes less');
  }
  if (measurements.some(({ threads }) => threads !== null)) {
    print('threads: how many the work keeps busy, by its processor time');
  }
  const beside = measurements.flatMap(({ bandwidth }) => bandwidth ?? []);
  if (beside.length > 0) {
    const [all, one] = [median(beside.map((figures) => figures.all)), median(beside.map((figures) => figures.one))];
    print(`of copy: GB/s over those of a copy in memory, ${figure(all)} by all threads, ${figure(one)} by one`);
  }
  if (measurements.some(({ floor }) => floor !== null)) {
    print('floor: the same calls of MLX from C++; – where it has no such calls');
  }
  if (measurements.some(({ rate }) => rate?.unit === 'tokens/s')) {
    print('tokens/s, Python, llama.cpp: tokens in a second, of ours and of these, at the medians');
  }
  for (const note of notesOf(measurements)) print(note);
  print(`${met} of ${measurements.length} rows meet their target`);
}
