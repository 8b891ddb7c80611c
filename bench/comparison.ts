import type { Reply } from './child.ts';
import type { Row } from './rows.ts';
import { type Interval, intervalOf, median, type Summary, summarize } from './statistics.ts';

/** Growth below a megabyte is noise, and would make any ratio. */
const LEAST = { MB: 1, bytes: 1, ns: 0, us: 0, ms: 0 } as const;
const PER_NANOSECOND = { ns: 1, us: 1e-3, ms: 1e-6 } as const;
const PER_SECOND = { ns: 1e9, us: 1e6, ms: 1e3 } as const;
/** Whose rows come to a number that both sides have to reach, to the last bit. */
const PROGRAMS: readonly string[] = ['programs', 'lm', 'gpu'];
/** Whose processor time is a measure of the work, too: not where a BLAS spins, or other processes do the work. */
const IN_PROCESSOR_TIME: readonly string[] = [...PROGRAMS, 'micro', 'bandwidth'];

/** The value, or what is no more than noise in that unit. */
export function atLeast(unit: Row['unit'], value: number): number {
  return Math.max(value, LEAST[unit]);
}

/** A reply in the row's unit. */
export function valuesOf(row: Row, { nanoseconds, result }: Reply): number[] {
  if (Array.isArray(result)) return result;
  if (row.unit === 'MB' || row.unit === 'bytes') return [result ?? 0];
  return [(nanoseconds * PER_NANOSECOND[row.unit]) / (row.count * row.operations)];
}

/** What another side took, round by round, against ours; or Python's time against that of another side. */
export class Comparison {
  readonly #row: Row;
  readonly #side: string;
  readonly #values: number[] = [];
  readonly #ratios: number[] = [];
  readonly #cpuRatios: number[] = [];
  /** How the answers differed, if they did. */
  difference: string | undefined;

  constructor(row: Row, side: string) {
    this.#row = row;
    this.#side = side;
  }

  add(own: Reply, their: Reply): void {
    const row = this.#row;
    const values = valuesOf(row, their);
    this.#values.push(...values);
    this.#ratios.push(atLeast(row.unit, median(values)) / atLeast(row.unit, median(valuesOf(row, own))));
    if (row.unit === 'MB') return;
    if (IN_PROCESSOR_TIME.includes(row.suite)) this.#cpuRatios.push(their.cpuNanoseconds / own.cpuNanoseconds);
    if (PROGRAMS.includes(row.suite) && own.result !== their.result)
      this.difference = `${own.result} against ${their.result} in ${this.#side}`;
  }

  get summary(): Summary | null {
    return this.#values.length === 0 ? null : summarize(this.#values);
  }

  get ratio(): number | null {
    return this.#ratios.length === 0 ? null : median(this.#ratios);
  }

  get ratioInterval(): Interval | null {
    return this.#ratios.length === 0 ? null : intervalOf(this.#ratios);
  }

  get cpuRatio(): number | null {
    return this.#cpuRatios.length === 0 ? null : median(this.#cpuRatios);
  }
}

export interface Rate {
  readonly unit: string;
  readonly ours: number;
  readonly python: number | null;
}

/** What a row does in a second, at the medians. */
export function rateOf(row: Row, ours: Summary, python: Summary | null): Rate | null {
  const amount = row.flops ?? row.bytes;
  const rate = ({ median }: Summary): number =>
    // Milliseconds to giga-units a second.
    amount === undefined ? PER_SECOND[row.unit as 'ns'] / median : amount / (median * 1e6);
  const unit = row.paced ?? (row.flops === undefined ? 'GB/s' : 'GFLOP/s');
  if (row.paced === undefined && amount === undefined) return null;
  return { unit, ours: rate(ours), python: python === null ? null : rate(python) };
}
