// An earlier run of `bench`: whether rows became slower since, and the history that runs are added to.
import { appendFileSync, readFileSync } from 'node:fs';
import { type Change, guard, type Known } from '../bench/baseline.ts';
import type { Run } from '../bench/tables.ts';
import { messageOf } from '../foundation/errors/message.ts';
import { UsageError } from './command.ts';

type Earlier = Pick<Run, 'environment'> & { readonly rows: readonly Known[] };

function isRow(value: unknown): boolean {
  const row = value as Partial<Known> | null;
  return typeof row?.name === 'string' && typeof row.ours?.median === 'number' && Array.isArray(row.ours.interval);
}

/** @throws UsageError where the file is none of an earlier run */
export function readRun(file: string): Earlier {
  let run: Partial<Earlier> | null;
  try {
    run = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--baseline: ${file} cannot be read: ${messageOf(error)}`);
  }
  if (!Array.isArray(run?.rows) || !run.rows.every(isRow)) {
    throw new UsageError(`--baseline: ${file} is not what "mlx-router bench --json" of this version prints`);
  }
  return { environment: run.environment ?? {}, rows: run.rows };
}

const sentence = ({ name, suite, factor, beside }: Change): string =>
  `slower: ${suite} ${name}, ${factor.toFixed(2)} times the earlier cost${beside === null ? '' : ` beside ${beside}`}`;

/** What differs between the machines, so that absolute figures cannot be compared. */
function differences(earlier: Run['environment'], now: Run['environment']): string[] {
  return Object.keys(now)
    .filter((name) => name in earlier && JSON.stringify(earlier[name]) !== JSON.stringify(now[name]))
    .map((name) => `${name} was ${JSON.stringify(earlier[name])}, is ${JSON.stringify(now[name])}`);
}

export interface Verdict {
  readonly passed: boolean;
  readonly lines: readonly string[];
}

/** Compares with an earlier run, for a person. */
export function judge(earlier: Earlier, now: Pick<Run, 'environment' | 'rows'>): Verdict {
  const { slower, unknown } = guard(earlier.rows, now.rows);
  const compared = now.rows.length - unknown.length;
  const lines = [
    ...differences(earlier.environment, now.environment),
    ...(unknown.length > 0 ? [`not in the earlier run: ${unknown.join(', ')}`] : []),
    ...slower.map(sentence),
    `${slower.length} of ${compared} rows are slower than in the earlier run by more than 10 %`,
  ];
  // A guard that compares nothing guards nothing.
  return { passed: slower.length === 0 && compared > 0, lines };
}

/** Adds a line with the medians of the run to a file, which site/history.mjs draws. */
export function addToHistory(file: string, { environment, rows }: Run, commit: string | null): void {
  const figures = rows.map(({ suite, name, unit, ours, ratio }) => ({ suite, name, unit, ours: ours.median, ratio }));
  const line = { date: new Date().toISOString(), commit, environment, rows: figures };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}
