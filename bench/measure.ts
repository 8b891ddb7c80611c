// Runs rows on all sides in turn, round by round, so that the load of the moment falls on each.
import { Bandwidth, type BandwidthFigures, type Copies, measureCopies } from './bandwidth.ts';
import type { Reply } from './child.ts';
import { Comparison, type Rate, rateOf, valuesOf } from './comparison.ts';
import { Floor, type FloorFigures } from './floor.ts';
import { type Side, startOurs, startPython } from './processes.ts';
import { recommend } from './recommend.ts';
import type { Row } from './rows.ts';
import { Seat } from './seat.ts';
import { type Interval, median, type Summary, summarize } from './statistics.ts';

export interface Measurement {
  readonly suite: string;
  readonly name: string;
  readonly about: string;
  readonly unit: Row['unit'];
  readonly ours: Summary;
  readonly python: Summary | null;
  /** Python's time over ours, the median over the rounds: above 1 ours is faster. Of memory likewise. */
  readonly ratio: number | null;
  /** Where that median is in nineteen of twenty runs. */
  readonly ratioInterval: Interval | null;
  /** The same of processor time; null where the row's is no measure of the work. */
  readonly cpuRatio: number | null;
  /** The most that ours may be, where that is the target; else the target is a ratio of 1. */
  readonly limit: number | null;
  readonly meetsTarget: boolean;
  /** GFLOP/s, GB/s, op/s or tokens/s at the median. */
  readonly rate: Rate | null;
  /** Processor time over time, at the median: how many threads the work keeps busy. Of rows of large arrays. */
  readonly threads: number | null;
  /** Beside copies of memory, of the rows that are bound by it. */
  readonly bandwidth: BandwidthFigures | null;
  /** The same calls of MLX from C++, where that is measured and has the row. */
  readonly floor: FloorFigures | null;
  /** Other libraries, where they have the same work to do, or are named with what keeps them from it. */
  readonly peers: readonly PeerFigures[];
  readonly recommendation: string;
}

export interface PeerFigures {
  readonly name: string;
  readonly figures: Summary | null;
  /** Its time over ours, as `ratio`. */
  readonly ratio: number | null;
  /** Why there are no figures. */
  readonly problem: string | null;
}

export interface Peer {
  readonly name: string;
  readonly problem: string | undefined;
  /** What it calls the work of a row; undefined where it has no such work. */
  readonly workOf: (row: Row) => string | undefined;
  readonly start: () => Promise<Side>;
}

export interface Surroundings {
  /** Variables that the sides get. */
  readonly env?: NodeJS.ProcessEnv;
  readonly peers?: readonly Peer[];
  /** Starts what measures the floor. */
  readonly startFloor?: () => Promise<Side>;
  /** How long rows run before they are measured, whatever their suite. */
  readonly warmUpMs?: number;
  /** How what Python lacks is installed. */
  readonly remedy?: string;
  /** Called before each row starts. */
  readonly progress?: (row: Row, index: number) => void;
}

/** Unmeasured rounds first: compilation, caches, lazily built tables. */
const WARM_UPS = 2;
/** Programs run for so long before they are measured, both sides as often: V8 optimizes what runs often. */
const PROGRAM_WARM_UP_MS = 2000;

const OF_LARGE_ARRAYS: readonly string[] = ['matmul', 'bandwidth'];

interface Sides {
  readonly ours: Seat;
  readonly python: Seat | undefined;
  readonly floor: Seat | undefined;
  readonly peers: readonly PeerSeat[];
}

interface PeerSeat {
  readonly peer: Peer;
  /** Not there where the library is not. */
  readonly seat: Seat | undefined;
}

interface Round {
  readonly own: Reply | undefined;
  readonly their: Reply | undefined;
  readonly least: Reply | undefined;
  readonly others: readonly (Reply | undefined)[];
  readonly copies: Copies | undefined;
}

/** How many rounds go unmeasured, by how long ours took for the first. */
function warmUpsOf({ suite }: Row, first: Reply | undefined, { warmUpMs }: Surroundings): number {
  const least = suite === 'lm' ? 1 : WARM_UPS;
  const time = warmUpMs ?? (suite === 'programs' ? PROGRAM_WARM_UP_MS : 0);
  return first === undefined ? least : Math.max(least, Math.ceil((time * 1e6) / Math.max(first.nanoseconds, 1e6)));
}

/** Each once, in the order of the round; those before number 0 do not count. */
async function round(row: Row, { ours, python, floor, peers }: Sides, number: number): Promise<Round> {
  const swap = number % 2 !== 0;
  const counts = number >= 0;
  const early = swap ? await python?.measure(row, counts) : undefined;
  const own = await ours.measure(row, counts);
  const their = swap ? early : await python?.measure(row, counts);
  const least = await floor?.measure(row, counts);
  const copies = await measureCopies(row, ours);
  const others: (Reply | undefined)[] = [];
  for (const { peer, seat } of peers) others.push(await seat?.measure(row, counts, peer.workOf(row)));
  return { own, their, least, copies, others };
}

async function measureRow(row: Row, sides: Sides, rounds: number, around: Surroundings): Promise<Measurement> {
  const own: number[] = [];
  const python = new Comparison(row, 'Python');
  const others = sides.peers.map(({ peer }) => new Comparison(row, peer.name));
  const floor = new Floor(row);
  const bandwidth = new Bandwidth(row);
  const threads: number[] = [];
  let missing: string | undefined;
  const first = row.fresh ? undefined : (await round(row, sides, -1)).own;
  const warmUps = row.fresh ? 0 : warmUpsOf(row, first, around) - 1;
  for (let i = -warmUps; i < rounds; i++) {
    const replies = await round(row, sides, i);
    if (i < 0 || replies.own === undefined) continue;
    own.push(...valuesOf(row, replies.own));
    missing = replies.their?.missing;
    if (replies.their !== undefined && missing === undefined) python.add(replies.own, replies.their);
    bandwidth.add(replies.own, replies.copies);
    threads.push(replies.own.cpuNanoseconds / replies.own.nanoseconds);
    floor.add(replies.own, replies.their, replies.least);
    for (const [index, reply] of replies.others.entries()) {
      if (reply !== undefined && reply.missing === undefined) others[index]?.add(replies.own, reply);
    }
  }
  const ours = summarize(own, row.suite === 'bridge');
  const absent = missing === undefined ? 'no Python' : `Python has no ${missing}; ${around.remedy} installs it`;
  return {
    suite: row.suite,
    name: row.name,
    about: row.about,
    unit: row.unit,
    ours,
    python: python.summary,
    ratio: python.ratio,
    ratioInterval: python.ratioInterval,
    cpuRatio: python.cpuRatio,
    limit: row.limit ?? null,
    ...recommend(row, ours, { ...verdictOf(python, floor), floor: floor.figures }, absent),
    rate: rateOf(row, ours, python.summary),
    // A thread that waits for a busy machine is one thread still.
    threads: OF_LARGE_ARRAYS.includes(row.suite) ? Math.max(1, median(threads)) : null,
    bandwidth: bandwidth.figures,
    floor: floor.figures,
    peers: sides.peers.flatMap(({ peer }, index) => figuresOf(peer, others[index] as Comparison)),
  };
}

/** A floor that comes to something else does other work. */
function verdictOf({ ratio, difference }: Comparison, floor: Floor) {
  return { ratio, difference: difference ?? floor.difference };
}

function figuresOf({ name, problem }: Peer, { summary, ratio }: Comparison): PeerFigures[] {
  if (summary === null && problem === undefined) return [];
  return [{ name, figures: summary, ratio, problem: problem ?? null }];
}

/** Measures the rows one after the other. */
export async function measureRows(
  rows: readonly Row[],
  rounds: number,
  around: Surroundings = {},
): Promise<Measurement[]> {
  const { env, peers: libraries = [], startFloor, progress } = around;
  const ours = new Seat(() => startOurs(env));
  const python = new Seat(() => startPython(env));
  const peers = libraries.map((peer) => ({
    peer,
    seat: peer.problem === undefined ? new Seat(peer.start) : undefined,
  }));
  const floor = startFloor && new Seat(startFloor);
  const measurements: Measurement[] = [];
  try {
    for (const [index, row] of rows.entries()) {
      progress?.(row, index);
      const sides = {
        ours,
        python: row.compared ? python : undefined,
        floor: Floor.has(row) ? floor : undefined,
        peers: peers.filter(({ peer }) => peer.workOf(row) !== undefined),
      };
      measurements.push(await measureRow(row, sides, rounds, around));
    }
  } finally {
    await Promise.allSettled([ours.stop(), python.stop(), floor?.stop(), ...peers.map(({ seat }) => seat?.stop())]);
  }
  return measurements;
}
