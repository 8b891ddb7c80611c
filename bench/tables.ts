// The figures of `bench --json` as tables of the documentation.
import type { Measurement } from './measure.ts';
import { UNITS } from './rows.ts';

/** What `bench --json` prints. */
export interface Run {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly rounds: number;
  readonly rows: readonly Measurement[];
}

const number = (value: number): string =>
  value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
export const figure = (value: number, unit: Measurement['unit']): string => `${number(value)} ${UNITS[unit]}`;

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** What a row is held to. */
function targetOf({ limit, unit, floor }: Measurement): string {
  if (limit !== null) return `≤ ${figure(limit, unit)}`;
  return floor === null ? '1.00' : '1.00, or the floor';
}

type Cell = (row: Measurement) => string;

const CELLS: Readonly<Record<string, Cell>> = {
  ours: ({ ours, unit }) => figure(ours.median, unit),
  p99: ({ ours, unit }) => (ours.p99 === undefined ? '' : figure(ours.p99, unit)),
  Python: ({ python, unit }) => (python === null ? '' : figure(python.median, unit)),
  ratio: ({ ratio }) => ratio?.toFixed(2) ?? '',
  'ratio in 19 of 20 runs': ({ ratioInterval }) => ratioInterval?.map((value) => value.toFixed(2)).join(' to ') ?? '',
  'cpu ratio': ({ cpuRatio }) => cpuRatio?.toFixed(2) ?? '',
  floor: ({ floor, unit }) => (floor === null ? '' : figure(floor.figures.median, unit)),
  'ours/floor': ({ floor }) => floor?.ours.toFixed(2) ?? '',
  'Python/floor': ({ floor }) => floor?.python?.toFixed(2) ?? '',
  'ours/floor, cpu': ({ floor }) => floor?.cpuOurs?.toFixed(2) ?? '',
  'Python/floor, cpu': ({ floor }) => floor?.cpuPython?.toFixed(2) ?? '',
  threads: ({ threads }) => threads?.toFixed(1) ?? '',
  'GB/s': ({ rate }) => (rate?.unit === 'GB/s' ? number(rate.ours) : ''),
  'of copy': ({ bandwidth }) => (bandwidth === null ? '' : percent(bandwidth.ofAll)),
  'of copy, 1 thread': ({ bandwidth }) => (bandwidth === null ? '' : percent(bandwidth.ofOne)),
};

const peerCell =
  (name: string): Cell =>
  ({ peers, unit }) => {
    const figures = peers.find((peer) => peer.name === name)?.figures;
    return figures == null ? '' : figure(figures.median, unit);
  };

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A table of the rows; what none of them has is no column of it, and what one of them lacks is a dash. */
function tableOf(rows: readonly Measurement[]): string[] {
  const names = new Set(rows.flatMap(({ peers }) => peers.map(({ name }) => name)));
  const all = { ...CELLS, ...Object.fromEntries([...names].map((name): [string, Cell] => [name, peerCell(name)])) };
  const columns = Object.entries(all).filter(([, cell]) => rows.some((row) => cell(row) !== ''));
  return [
    line(['row', 'work', 'target', ...columns.map(([title]) => title), 'met']),
    line(['---', '---', '---', ...columns.map(() => '---:'), '---']),
    ...rows.map((row) =>
      line([
        `\`${row.name}\``,
        row.about,
        targetOf(row),
        ...columns.map(([, cell]) => cell(row) || '–'),
        row.meetsTarget ? 'yes' : 'no',
      ]),
    ),
  ];
}

/** The command that measures this again. */
function commandOf({ rows, rounds }: Run): string {
  const suites = [...new Set(rows.map(({ suite }) => suite))].join(',');
  const floor = rows.some((row) => row.floor !== null) ? ' --floor' : '';
  const peers = rows.some((row) => row.peers.length > 0) ? ' --peers' : '';
  return `npm run bench -- --suite ${suites}${floor}${peers} --rounds ${rounds}`;
}

/** Libraries without figures, once each, with the reason. */
function absencesOf(rows: readonly Measurement[]): string[] {
  const problems = rows.flatMap(({ peers }) =>
    peers.flatMap(({ name, problem }) => (problem === null ? [] : [`- ${name} is not among them: ${problem}.`])),
  );
  return [...new Set(problems)];
}

/** The part of the page that a run is: its machine, its command, and a table for each suite. */
export function partOf(run: Run, date: string): string {
  const { processor, mlx, node, blas } = run.environment;
  const absences = absencesOf(run.rows);
  const suites = [...new Set(run.rows.map(({ suite }) => suite))];
  return [
    `Measured on ${date} with \`${commandOf(run)}\`: ${processor}, MLX ${mlx}, Node.js ${node}, ${blas}.`,
    '',
    ...suites.flatMap((suite) => [`### ${suite}`, '', ...tableOf(run.rows.filter((row) => row.suite === suite)), '']),
    ...(absences.length > 0 ? [...absences, ''] : []),
  ].join('\n');
}
