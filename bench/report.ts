// `report.ts FILE…` writes runs of `bench --json` into docs/performance.md, between the two marks there.
import { readFileSync, statSync } from 'node:fs';
import { writeBetween } from './marked.ts';
import { partOf, type Run } from './tables.ts';

const files = process.argv.slice(2);
if (files.length === 0) throw new Error('expected files that "bench --json" has written');
const parts = files.map((file) => {
  const date = statSync(file).mtime.toISOString().slice(0, 10);
  return partOf(JSON.parse(readFileSync(file, 'utf8')) as Run, date);
});
writeBetween(['<!-- cpu: written by bench/report.ts -->', '<!-- end of cpu -->'], parts.join('\n').trimEnd());
