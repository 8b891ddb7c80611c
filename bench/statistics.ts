export interface Summary {
  readonly avg: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Only of latencies, where single calls were measured. */
  readonly p99?: number;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Of at least one value. */
export function summarize(values: readonly number[], latencies = false): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    avg: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    median: median(sorted),
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
    ...(latencies ? { p99: quantile(sorted, 0.99) } : {}),
  };
}
