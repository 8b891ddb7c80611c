// Compares the designs of variants.ts: `node --import tsx bench/handles/run.ts [--json] [--rounds=7] [--only=D] [--part=timing]`.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildAddon } from './build-addon.ts';
import type { Result } from './child.ts';
import { type Measured, startDesign, startPython } from './processes.ts';
import { type Variant, variants } from './variants.ts';

type Row = Record<string, number | string>;

const option = (name: string, otherwise: string): string =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;
const rounds = Number(option('rounds', '7'));
const only = option('only', '');
const interpreter = buildAddon();
const chosen = variants.filter((variant) => variant.name.includes(only));

const TIMINGS = { build: 200_000, chain: 40, buildLarge: 2000 } as const;
const SCENARIOS = ['large', 'largeBesideHeap', 'lazyLarge', 'small', 'smallEvaluated', 'live'];

const median = (values: number[]): number => [...values].sort((x, y) => x - y)[values.length >> 1] ?? Number.NaN;

/** Python is measured just before every design, so that the load of the moment falls on both. */
async function timing(): Promise<Row[]> {
  const python = await startPython(interpreter);
  const processes: Measured[] = [];
  for (const variant of chosen) processes.push(await startDesign(variant));
  const samples = processes.map(() => new Map<string, number[]>());
  const reference = new Map<string, number[]>();
  const note = (map: Map<string, number[]>, key: string, value: number): void => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [value]);
    else list.push(value);
  };
  for (let round = 0; round <= rounds; round++) {
    for (const [index, process] of processes.entries()) {
      const own = samples[index] as Map<string, number[]>;
      for (const [workload, count] of Object.entries(TIMINGS)) {
        const theirs = (await python.ask(workload, count)).ns as number;
        const ours = await process.ask(workload, count);
        if (round === 0) continue; // warm-up
        note(reference, workload, theirs);
        note(own, workload, ours.ns as number);
        note(own, `${workload}Ratio`, theirs / (ours.ns as number));
        if (workload === 'build') note(own, 'gcShare', ours.gcShare as number);
      }
      const floor = (await process.ask('floor', 20)).ns as number;
      if (round > 0) note(reference, 'floor', floor);
      const scoped = (await process.ask('scoped', 50)).ns; // null once it has crossed the channel: no scopes here
      if (round > 0 && scoped !== null && scoped !== undefined) note(own, 'scoped', scoped);
    }
  }
  for (const process of [python, ...processes]) process.stop();
  const summary = (name: string, map: Map<string, number[]>): Row => ({
    design: name,
    ...Object.fromEntries([...map].map(([key, values]) => [key, median(values)])),
  });
  return [summary('Python', reference), ...processes.map((process, i) => summary(process.name, samples[i] as never))];
}

async function fresh(start: () => Promise<Measured>, workload: string, count: number): Promise<Result> {
  const process = await start();
  const result = await process.ask(workload, count);
  process.stop();
  return result;
}

/** Every scenario in a fresh process, since RSS never shrinks back reliably. */
async function memory(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const variant of [undefined, ...chosen]) {
    const row: Row = { design: variant?.name ?? 'Python' };
    for (const scenario of SCENARIOS) {
      const start = (): Promise<Measured> => (variant ? startDesign(variant) : startPython(interpreter));
      const { megabytes, bytesEach, ms } = await fresh(start, scenario, 0);
      row[scenario] = (scenario === 'live' ? bytesEach : megabytes) as number;
      row[`${scenario}Ms`] = ms as number;
    }
    rows.push(row);
  }
  return rows;
}

/** Chains in a worker thread, and the arrays that a terminated worker leaves behind. */
async function workers(): Promise<Row[]> {
  const script = fileURLToPath(new URL('worker.ts', import.meta.url));
  return chosen.map((variant) => {
    const output = execFileSync(process.execPath, ['--import', 'tsx', script, JSON.stringify(variant)]);
    return { design: variant.name, ...(JSON.parse(output.toString()) as Result) };
  });
}

/** What a tensor that stays alive pins, by the largest size that shares an owner. */
async function thresholds(): Promise<Row[]> {
  const rows: Row[] = [];
  const base = variants.find((variant) => variant.name.startsWith('D fields, recycled, own')) as Variant;
  for (const kibibytes of [1, 4, 16, 64]) {
    const variant = { ...base, largeBytes: kibibytes * 1024 };
    const row: Row = { sharedUpToKiB: kibibytes };
    for (const size of [1, 4, 16, 64]) {
      const result = await fresh(() => startDesign(variant), 'pinned', size * 256);
      row[`${size} KiB result: KiB each`] = result.kilobytesEach as number;
      row[`${size} KiB result: ms`] = result.ms as number;
    }
    rows.push(row);
  }
  return rows;
}

const rounded = (rows: Row[]): Row[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : Number(value.toFixed(Math.abs(value) < 10 ? 2 : 0)),
      ]),
    ),
  );

const result: Record<string, Row[]> = {};
for (const [name, measure] of Object.entries({ timing, memory, workers, thresholds })) {
  if (!option('part', name).split(',').includes(name)) continue;
  result[name] = rounded(await measure());
  if (!process.argv.includes('--json')) console.table(result[name]);
}
if (process.argv.includes('--json')) console.log(JSON.stringify(result, null, 2));
