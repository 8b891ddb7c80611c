import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { allRows } from './store.ts';

/** Of enough parts that kills meet many kinds of moments. */
const SIZE = ['--texts', '3', '--seeds', '2', '--steps', '16'];
const SWITCHES = ['--dummy', '--rounds', '0', '--no-page', '--resume'];

export interface Kills {
  /** Whether every end has the rows of an experiment that was not killed, and no row changed on the way. */
  readonly equal: boolean;
  /** How often an experiment came to its end. */
  readonly ends: number;
}

interface Options {
  /** What Node.js runs: its options, then main.ts. */
  readonly node: readonly string[];
  /** Options of main.ts that say how large the experiment is. */
  readonly size?: readonly string[];
  readonly onKill?: (done: number, note: string) => void;
}

/** Kills an experiment at random moments, and goes on after each kill. Where one comes to its end, another begins. */
export async function killAtRandom(kills: number, { node, size = SIZE, onKill }: Options): Promise<Kills> {
  const program = [...node, ...SWITCHES, ...size];
  const folder = mkdtempSync(join(tmpdir(), 'mlx-router-kills-'));
  try {
    const reference = join(folder, 'reference.db');
    const { milliseconds } = await run(program, reference);
    const expected = new Set(rowsOf(reference));
    let equal = true;
    let ends = 0;
    for (let done = 0; done < kills || ends === 0; ) {
      const file = join(folder, `${ends}.db`);
      // When there have been enough kills, it may come to its end.
      const { wasKilled } = await run(program, file, done < kills ? Math.random() * milliseconds : undefined);
      const rows = rowsOf(file);
      // What is there after a kill is part of what there is in the end: nothing is written twice, or changed.
      equal &&= new Set(rows).size === rows.length && rows.every((row) => expected.has(row));
      if (wasKilled) {
        done++;
        onKill?.(done, `${rows.length} of ${expected.size} rows`);
      } else {
        equal &&= rows.length === expected.size;
        ends++;
      }
    }
    return { equal, ends };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every so many processes one may be killed before it has opened the database. */
const EARLY = 5;

/** Runs the experiment, or goes on with it, for so many milliseconds at most; they count from its first output. */
async function run(program: readonly string[], file: string, killAfter?: number) {
  const child = execa(process.execPath, [...program, '--database', file], { reject: false });
  let start = performance.now();
  const kill = () => {
    start = performance.now();
    if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter).unref();
  };
  if (killAfter !== undefined && Math.random() < 1 / EARLY) kill();
  else child.stdout.once('data', kill);
  const { exitCode, signal, stderr } = await child;
  if (signal === 'SIGKILL' || exitCode === 0) {
    return { wasKilled: signal === 'SIGKILL', milliseconds: performance.now() - start };
  }
  throw new Error(`the experiment ended with ${exitCode ?? signal}: ${stderr}`);
}

/** The rows of all tables as texts, read from a copy: the next process finds the file as the last one left it. */
function rowsOf(file: string): string[] {
  if (!existsSync(file)) return [];
  const copy = `${file}.copy`;
  for (const ending of ['', '-wal']) {
    rmSync(copy + ending, { force: true });
    if (existsSync(file + ending)) cpSync(file + ending, copy + ending);
  }
  const bytes = (_: string, value: unknown) =>
    value instanceof ArrayBuffer ? Buffer.from(value).toString('hex') : value;
  return Object.entries(allRows(copy)).flatMap(([table, rows]) =>
    rows.map((row) => `${table} ${JSON.stringify(row, bytes)}`),
  );
}
