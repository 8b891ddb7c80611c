// The pages of what was measured: parity of the backends and benchmarks on the machine that builds the site, and what the
// nights have kept.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyPage, readHistory } from './history.mjs';
import { root } from './pages.mjs';

const folder = join(root, 'site', 'build', 'reports');
/** A file for each machine, of lines that `bench --history` has written; the nightly workflow keeps them in a branch. */
const histories = join(root, 'build', 'bench-history');
const RUNS = '5';
const SUITES = 'micro,matmul';
const ROUNDS = '3';

/** Runs a command of the library; gives what it printed, or throws with what it said. */
function command(...args) {
  const given = ['--import', 'tsx', join(root, 'cli', 'main.ts'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, given, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`mlx-router ${args.join(' ')} ended with ${status}: ${stderr.slice(-2000)}`);
  return stdout;
}

function figure(value) {
  if (value === null || value === undefined) return '';
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

function benchmarkPage({ environment, rounds, rows }) {
  const facts = Object.entries(environment).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const cells = rows.map(({ name, about, unit, ours, python, ratio }) =>
    [`\`${name}\``, about, unit, figure(ours.median), figure(python?.median), figure(ratio)].join(' | '),
  );
  return [
    '# Benchmarks',
    '',
    `Medians of ${rounds} rounds, beside plain Python MLX in a process of its own, in turn. A ratio above 1: ours is faster. Made by`,
    `\`mlx-router bench --suite ${SUITES} --rounds ${ROUNDS}\` on the machine that built this site; figures of another machine differ.`,
    '',
    facts.join(' · '),
    '',
    '| row | what runs | unit | here | Python | ratio |',
    '| --- | --- | --- | --: | --: | --: |',
    ...cells.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

function keptHistories() {
  const files = existsSync(histories) ? readdirSync(histories).filter((name) => name.endsWith('.jsonl')) : [];
  return Object.fromEntries(
    files
      .sort()
      .map((name) => [name.slice(0, -'.jsonl'.length), readHistory(readFileSync(join(histories, name), 'utf8'))]),
  );
}

/**
 * Writes `parity.md`, `benchmarks.md` and `benchmark-history.md` into the folder `source`. What an earlier build measured is used again unless
 * `measure` says otherwise.
 */
export function writeReports(source, measure) {
  mkdirSync(folder, { recursive: true });
  const parity = join(folder, 'parity.md');
  if (measure || !existsSync(parity)) {
    console.log('Comparing the backends …');
    command('parity', '--runs', RUNS, '--seed', '1', '--report', folder);
  }
  const bench = join(folder, 'bench.json');
  if (measure || !existsSync(bench)) {
    console.log('Measuring …');
    writeFileSync(bench, command('bench', '--suite', SUITES, '--rounds', ROUNDS, '--json'));
  }
  writeFileSync(join(source, 'parity.md'), readFileSync(parity, 'utf8'));
  writeFileSync(join(source, 'benchmarks.md'), benchmarkPage(JSON.parse(readFileSync(bench, 'utf8'))));
  writeFileSync(join(source, 'benchmark-history.md'), historyPage(keptHistories()));
}
