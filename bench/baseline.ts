// Whether rows became slower than in an earlier run.
import { atLeast } from './comparison.ts';
import type { Measurement } from './measure.ts';
import type { Interval } from './statistics.ts';

/** The part of a row that two runs are compared by. */
export type Known = Pick<Measurement, 'name' | 'suite' | 'unit' | 'ours' | 'ratio' | 'ratioInterval'>;

export interface Change {
  readonly name: string;
  readonly suite: string;
  /** The cost now by the cost then: 1.2 is a fifth slower, or larger. */
  readonly factor: number;
  /** Whether the cost is that beside Python's, which a slower machine leaves as it is, or ours alone. */
  readonly beside: 'Python' | null;
}

export interface Guard {
  readonly slower: readonly Change[];
  /** Rows of this run that the earlier one has not. */
  readonly unknown: readonly string[];
}

/** A row may become so much slower before it counts. */
const TOLERANCE = 1.1;

interface Cost {
  readonly middle: number;
  readonly interval: Interval;
}

function costBesidePython({ ratio, ratioInterval }: Known): Cost | undefined {
  if (ratio === null || ratioInterval === null) return undefined;
  return { middle: 1 / ratio, interval: [1 / ratioInterval[1], 1 / ratioInterval[0]] };
}

function costAlone({ unit, ours }: Known): Cost {
  const [low, high] = ours.interval;
  return { middle: atLeast(unit, ours.median), interval: [atLeast(unit, low), atLeast(unit, high)] };
}

function changeOf(then: Known, now: Known): Change | undefined {
  const [earlier, later] = [costBesidePython(then), costBesidePython(now)];
  const both = earlier !== undefined && later !== undefined;
  const [before, after] = both ? [earlier, later] : [costAlone(then), costAlone(now)];
  const factor = after.middle / before.middle;
  // Of intervals that overlap, chance alone may have made the difference.
  if (factor <= TOLERANCE || after.interval[0] <= before.interval[1]) return undefined;
  return { name: now.name, suite: now.suite, factor, beside: both ? 'Python' : null };
}

/** The rows that are more than a tenth slower than in the earlier run, beyond what chance explains. */
export function guard(earlier: readonly Known[], now: readonly Known[]): Guard {
  const known = new Map(earlier.map((row) => [row.name, row]));
  const slower: Change[] = [];
  const unknown: string[] = [];
  for (const row of now) {
    const before = known.get(row.name);
    if (before === undefined) unknown.push(row.name);
    else slower.push(...[changeOf(before, row)].filter((change) => change !== undefined));
  }
  return { slower, unknown };
}
