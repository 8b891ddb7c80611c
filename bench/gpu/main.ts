// `main.ts FILE [--tiny] [--rounds N] [--row NAME]…` measures the rows for a GPU on this machine, and writes each result to
// FILE as a line of JSON as soon as there is one.
import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { messageOf } from '../../foundation/errors/message.ts';
import { internals, core as mx, shutdown } from '../../mlx/index.ts';
import { languageModelShape } from '../language-models/shapes.ts';
import { surroundLanguageModels } from '../language-models/surroundings.ts';
import { type Measurement, measureRows } from '../measure.ts';
import { stopAll } from '../processes.ts';
import type { Row } from '../rows.ts';
import { GPU_ROWS } from './rows.ts';
import { FULL, SIZES_VARIABLE, TINY } from './sizes.ts';

export interface Environment {
  readonly gpu: string | null;
  readonly node: string;
  readonly mlx: string | null;
  readonly rounds: number;
  readonly date: string;
}

/** A line of the file. */
export type Line =
  | { readonly environment: Environment }
  | { readonly measurement: Measurement }
  | { readonly row: string; readonly problem: string };

const ROUNDS = 7;
/** A row that hangs must not take the time of the others, nor the whole more than a machine is lent for. */
const ROW_LIMIT_MS = 150_000;
const WHOLE_LIMIT_MS = 500_000;
/** For V8, which optimizes what runs often: after it rows of single calls take up to a quarter less. */
const WARM_UP_MS = 500;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tiny: { type: 'boolean', default: false },
    rounds: { type: 'string', default: String(ROUNDS) },
    row: { type: 'string', multiple: true },
  },
});
const [file] = positionals;
if (file === undefined) throw new Error('name the file that the results are written to');
const write = (line: Line): void => appendFileSync(file, `${JSON.stringify(line)}\n`);

const started = Date.now();
const left = (): number => WHOLE_LIMIT_MS - (Date.now() - started);

async function measure(row: Row, rounds: number, env: NodeJS.ProcessEnv): Promise<Line> {
  if (left() <= 0) return { row: row.name, problem: 'no time was left' };
  const stopping = new AbortController();
  const late = sleep(Math.min(ROW_LIMIT_MS, left()), undefined, { signal: stopping.signal }).then(() => {
    throw new Error('it took too long');
  });
  try {
    const measured = measureRows([row], rounds, { env, warmUpMs: WARM_UP_MS });
    const [measurement] = await Promise.race([measured, late]);
    return { measurement: measurement as Measurement };
  } catch (error) {
    stopAll();
    return { row: row.name, problem: messageOf(error) };
  } finally {
    stopping.abort();
    late.catch(() => undefined);
  }
}

function textOf(line: Line): string {
  if (!('measurement' in line)) return JSON.stringify(line);
  const { name, unit, ours, python, ratio, recommendation } = line.measurement;
  return `${name}: ${ours.median} against ${python?.median} ${unit}, ratio ${ratio}: ${recommendation}`;
}

writeFileSync(file, '');
const rounds = Number(values.rounds);
const { mlxVersion, device } = internals.nativeBackend.status(true);
const gpu = device === 'gpu' ? String(mx.deviceInfo()['device_name'] ?? 'a GPU') : null;
const date = new Date().toISOString().slice(0, 10);
write({ environment: { gpu, node: process.versions.node, mlx: mlxVersion ?? null, rounds, date } });
const rows = GPU_ROWS.filter(({ name }) => values.row === undefined || values.row.includes(name));
const models = rows.some(({ suite }) => suite === 'lm')
  ? await surroundLanguageModels({ model: languageModelShape, dtype: mx.bfloat16, needs: 'model' })
  : undefined;
const env = { ...models?.env, [SIZES_VARIABLE]: JSON.stringify(values.tiny ? TINY : FULL) };
for (const row of rows) {
  const line = await measure(row, rounds, env);
  write(line);
  console.log(textOf(line));
}
models?.end();
await shutdown();
