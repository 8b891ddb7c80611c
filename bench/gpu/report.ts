// `report.ts FILE…` writes the results of main.ts into docs/performance.md, between the two marks there.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../foundation/system/package-root.ts';
import type { Measurement } from '../measure.ts';
import type { Line } from './main.ts';
import { GPU_ROWS } from './rows.ts';

const PAGE = join(packageRoot(), 'docs', 'performance.md');
const [BEGIN, END] = ['<!-- gpu: written by bench/gpu/report.ts -->', '<!-- end of gpu -->'] as const;
const UNITS = { ns: 'ns', us: 'µs', ms: 'ms', MB: 'MB', bytes: 'bytes' } as const;

const lines = process.argv
  .slice(2)
  .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
  .map((line) => JSON.parse(line) as Line);

const figure = (value: number, unit: Measurement['unit']): string => `${Number(value.toPrecision(3))} ${UNITS[unit]}`;

function rowOf({ name, about, unit, ours, python, ratio }: Measurement): string {
  const theirs = python === null ? '' : figure(python.median, unit);
  return `| \`${name}\` | ${about} | ${figure(ours.median, unit)} | ${theirs} | ${ratio?.toFixed(2) ?? ''} |`;
}

const environment = lines.find((line) => 'environment' in line)?.environment;
if (environment === undefined) throw new Error('no file tells where it was measured');
const { gpu, node, mlx, rounds, date } = environment;
const rows = GPU_ROWS.flatMap(({ name }) => {
  const found = lines.find((line) => 'measurement' in line && line.measurement.name === name);
  if (found !== undefined && 'measurement' in found) return [rowOf(found.measurement)];
  const failed = lines.find((line) => 'row' in line && line.row === name);
  return failed !== undefined && 'problem' in failed ? [`| \`${name}\` | not measured: ${failed.problem} | | | |`] : [];
});
const text = [
  `Measured on ${date} on ${gpu === null ? 'a CPU' : `one ${gpu}`}, MLX ${mlx}, Node.js ${node}, ${rounds} rounds.`,
  '',
  '| row | work | ours | Python | ratio |',
  '| --- | ---- | ---: | -----: | ----: |',
  ...rows,
].join('\n');
const page = readFileSync(PAGE, 'utf8');
const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
if (before < 0 || after < before) throw new Error(`${PAGE} has not both marks`);
writeFileSync(PAGE, `${page.slice(0, before + BEGIN.length)}\n\n${text}\n\n${page.slice(after)}`);
