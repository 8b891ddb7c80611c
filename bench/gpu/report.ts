// `report.ts FILE…` writes the results of main.ts into docs/performance.md, between the two marks there.
import { readFileSync } from 'node:fs';
import { writeBetween } from '../marked.ts';
import type { Measurement } from '../measure.ts';
import { figure } from '../tables.ts';
import type { Line } from './main.ts';
import { GPU_ROWS } from './rows.ts';

const MARKS = ['<!-- gpu: written by bench/gpu/report.ts -->', '<!-- end of gpu -->'] as const;

const lines = process.argv
  .slice(2)
  .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
  .map((line) => JSON.parse(line) as Line);

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
writeBetween(MARKS, text);
