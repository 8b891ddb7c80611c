/** What a workload measured itself: without what had to be there first. */
export interface Timing {
  readonly nanoseconds: number;
  readonly cpuNanoseconds: number;
  readonly result: number | null;
}

/** Begins to measure; what it gives ends that, with what the work came to. */
export function startTiming(): (result: number | null) => Timing {
  const cpuStart = process.cpuUsage();
  const start = process.hrtime.bigint();
  return (result) => {
    const nanoseconds = Number(process.hrtime.bigint() - start);
    const { user, system } = process.cpuUsage(cpuStart);
    return { nanoseconds, cpuNanoseconds: (user + system) * 1000, result };
  };
}

export function isTiming(value: unknown): value is Timing {
  return typeof value === 'object' && value !== null && 'cpuNanoseconds' in value;
}
