/** From the least to the greatest value. */
export type Interval = readonly [low: number, high: number];

export interface Summary {
  readonly avg: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Where the median is in nineteen of twenty such runs; of fewer than six values all that was measured. */
  readonly interval: Interval;
  /** Only of latencies, where single calls were measured. */
  readonly p99?: number;
}

/** Half the width of the middle 95 % of a normal distribution, in standard deviations. */
const DEVIATIONS = 1.96;

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** The ranks between which the median is: how many values lie below it is binomial, whatever their distribution. */
export function intervalOf(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.max(0, Math.floor((sorted.length - DEVIATIONS * Math.sqrt(sorted.length)) / 2));
  return [sorted[cut] as number, sorted.at(-1 - cut) as number];
}

/** Of at least one value. */
export function summarize(values: readonly number[], latencies = false): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    avg: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    median: median(sorted),
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
    interval: intervalOf(sorted),
    ...(latencies ? { p99: quantile(sorted, 0.99) } : {}),
  };
}
