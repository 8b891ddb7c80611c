// Runs rows on both sides in turn, round by round, so that the load of the moment falls on both.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from './child.ts';
import { type Side, startOurs, startPython } from './processes.ts';
import { recommend } from './recommend.ts';
import type { Row } from './rows.ts';
import { median, type Summary, summarize } from './statistics.ts';

export interface Measurement {
  readonly suite: string;
  readonly name: string;
  readonly about: string;
  readonly unit: Row['unit'];
  readonly ours: Summary;
  readonly python: Summary | null;
  /** Python's time over ours, the median over the rounds: above 1 ours is faster. Of memory likewise. */
  readonly ratio: number | null;
  /** The same of processor time; null where the row's is no measure of the work. */
  readonly cpuRatio: number | null;
  /** The most that ours may be, where that is the target; else the target is a ratio of 1. */
  readonly limit: number | null;
  readonly meetsTarget: boolean;
  /** GFLOP/s, GB/s or op/s at the median. */
  readonly rate: { readonly unit: string; readonly ours: number; readonly python: number | null } | null;
  readonly recommendation: string;
}

/** OpenBLAS's threads spin for a while after their work, which the other side must not pay for. */
const PAUSE_MS = 30;
/** Growth below a megabyte is noise, and would make any ratio. */
const LEAST = { MB: 1, bytes: 1, ns: 0, us: 0, ms: 0 } as const;
/** Unmeasured rounds first: compilation, caches, lazily built tables. */
const WARM_UPS = 2;
/** Programs run for so long before they are measured, both sides as often: V8 optimizes what runs often. */
const PROGRAM_WARM_UP_MS = 2000;
const PER_NANOSECOND = { ns: 1, us: 1e-3, ms: 1e-6 } as const;

type Start = () => Promise<Side | undefined>;

/** One side, started when it is first needed; for rows that ask for it, anew for each measurement. */
class Seat {
  readonly #start: Start;
  #side: Promise<Side | undefined> | undefined;

  constructor(start: Start) {
    this.#start = start;
  }

  async measure(row: Row, count: number): Promise<Reply | undefined> {
    if (!row.fresh) this.#side ??= this.#start();
    const side = await (row.fresh ? this.#start() : this.#side);
    try {
      await sleep(PAUSE_MS);
      return await side?.ask({ suite: row.suite, row: row.name, count });
    } finally {
      if (row.fresh) side?.stop();
    }
  }

  async stop(): Promise<void> {
    (await this.#side)?.stop();
  }
}

function valuesOf(row: Row, { nanoseconds, result }: Reply): number[] {
  if (Array.isArray(result)) return result;
  if (row.unit === 'MB' || row.unit === 'bytes') return [result ?? 0];
  return [(nanoseconds * PER_NANOSECOND[row.unit]) / (row.count * row.operations)];
}

/** How many rounds go unmeasured, by how long ours took for the first. */
function warmUpsOf(row: Row, first: Reply | undefined): number {
  if (row.suite !== 'programs' || first === undefined) return WARM_UPS;
  return Math.max(WARM_UPS, Math.ceil((PROGRAM_WARM_UP_MS * 1e6) / Math.max(first.nanoseconds, 1e6)));
}

/** Ours and theirs once each, in the order of the round. */
async function round(row: Row, ours: Seat, python: Seat | undefined, swap: boolean) {
  if (!swap) {
    const own = await ours.measure(row, row.count);
    return { own, their: await python?.measure(row, row.count) };
  }
  const their = await python?.measure(row, row.count);
  return { own: await ours.measure(row, row.count), their };
}

async function measureRow(row: Row, ours: Seat, python: Seat | undefined, rounds: number): Promise<Measurement> {
  const own: number[] = [];
  const their: number[] = [];
  const ratios: number[] = [];
  const cpuRatios: number[] = [];
  let difference: string | undefined;
  const first = row.fresh ? undefined : (await round(row, ours, python, false)).own;
  const warmUps = row.fresh ? 0 : warmUpsOf(row, first) - 1;
  for (let i = -warmUps; i < rounds; i++) {
    const pair = await round(row, ours, python, i % 2 !== 0);
    if (i < 0 || pair.own === undefined) continue;
    const values = valuesOf(row, pair.own);
    own.push(...values);
    if (pair.their === undefined) continue;
    const theirs = valuesOf(row, pair.their);
    their.push(...theirs);
    const least = LEAST[row.unit];
    ratios.push(Math.max(median(theirs), least) / Math.max(median(values), least));
    if (row.suite === 'programs') cpuRatios.push(pair.their.cpuNanoseconds / pair.own.cpuNanoseconds);
    if (row.suite === 'programs' && pair.own.result !== pair.their.result) {
      difference = `${pair.own.result} against ${pair.their.result} in Python`;
    }
  }
  const summary = summarize(own, row.suite === 'bridge');
  const theirSummary = their.length === 0 ? null : summarize(their);
  const ratio = ratios.length === 0 ? null : median(ratios);
  const verdict = recommend(row, summary, ratio, difference);
  return {
    suite: row.suite,
    name: row.name,
    about: row.about,
    unit: row.unit,
    ours: summary,
    python: theirSummary,
    ratio,
    cpuRatio: cpuRatios.length === 0 ? null : median(cpuRatios),
    limit: row.limit ?? null,
    ...verdict,
    rate: rateOf(row, summary, theirSummary),
  };
}

/** Of a time in nanoseconds. */
function perSecond({ median }: Summary): number {
  return Math.round(1e9 / median);
}

function rateOf(row: Row, ours: Summary, python: Summary | null): Measurement['rate'] {
  if (row.paced === true) return { unit: 'op/s', ours: perSecond(ours), python: python && perSecond(python) };
  const amount = row.flops ?? row.bytes;
  if (amount === undefined) return null;
  // Milliseconds to giga-units a second.
  const rate = (summary: Summary): number => amount / (summary.median * 1e6);
  const unit = row.flops === undefined ? 'GB/s' : 'GFLOP/s';
  return { unit, ours: rate(ours), python: python === null ? null : rate(python) };
}

/** Measures the rows one after the other; `progress` is called before each starts. */
export async function measureRows(
  rows: readonly Row[],
  rounds: number,
  progress: (row: Row, index: number) => void = () => undefined,
): Promise<Measurement[]> {
  const ours = new Seat(startOurs);
  const python = new Seat(startPython);
  const measurements: Measurement[] = [];
  try {
    for (const [index, row] of rows.entries()) {
      progress(row, index);
      measurements.push(await measureRow(row, ours, row.compared ? python : undefined, rounds));
    }
  } finally {
    await Promise.allSettled([ours.stop(), python.stop()]);
  }
  return measurements;
}
