import { type Row, UNITS } from './rows.ts';
import type { Summary } from './statistics.ts';

export interface Verdict {
  readonly meetsTarget: boolean;
  /** In words, for a reader of the table. */
  readonly recommendation: string;
}

/** Ratios this near to 1 cannot be distinguished on a shared machine. */
const EITHER = 0.05;

/** What is known of Python's side: how its answers differed, if they did. */
interface Comparable {
  readonly ratio: number | null;
  readonly difference?: string | undefined;
  /** Our time, and Python's, over that of the same calls from C++. */
  readonly floor?: { readonly ours: number; readonly python: number | null } | null | undefined;
}

/** What the figures of a row say; `absent`: why there are none of Python. */
export function recommend(
  row: Row,
  ours: Summary,
  { ratio, difference, floor }: Comparable,
  absent = 'no Python',
): Verdict {
  if (difference !== undefined) return { meetsTarget: false, recommendation: `answers differ: ${difference}` };
  if (row.limit !== undefined) return byLimit(row, row.limit, ours);
  if (ratio === null) return { meetsTarget: false, recommendation: `not compared: ${absent}` };
  if (ratio >= 1 + EITHER) return { meetsTarget: true, recommendation: 'native' };
  if (ratio < 1 && isAtFloor(floor)) return { meetsTarget: true, recommendation: 'floor' };
  if (ratio >= 1 - EITHER) return { meetsTarget: ratio >= 1, recommendation: 'either' };
  const noun = row.unit === 'bytes' || row.unit === 'MB' ? 'larger' : 'slower';
  return { meetsTarget: false, recommendation: `${noun} than Python: see ${row.advice}` };
}

function byLimit({ unit, p99Limit = Number.POSITIVE_INFINITY, advice }: Row, limit: number, ours: Summary): Verdict {
  const withUnit = (value: number): string => `${value} ${UNITS[unit]}`;
  if (ours.median > limit) return { meetsTarget: false, recommendation: `over ${withUnit(limit)}: see ${advice}` };
  if ((ours.p99 ?? 0) <= p99Limit) return { meetsTarget: true, recommendation: `within ${withUnit(limit)}` };
  return { meetsTarget: false, recommendation: `p99 over ${withUnit(p99Limit)}: see ${advice}` };
}

/** Whether no binding is faster. Where Python is, what was measured is no floor: the moment was a bad one for it. */
function isAtFloor(floor: Comparable['floor']): boolean {
  if (floor == null || floor.python === null) return false;
  return floor.ours <= 1 + EITHER && floor.python >= 1 - EITHER;
}
