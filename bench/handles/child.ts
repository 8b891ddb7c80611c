// One design in a process of its own: a shared one would share malloc's state and the young generation, and so charge one
// design for another's garbage. Answers each message with the result of a workload.
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { open, type Variant } from './variants.ts';
import { pinned, scenarios, timings } from './workloads.ts';

export interface Request {
  readonly workload: string;
  readonly count: number;
}
export type Result = Record<string, number>;

const variant = JSON.parse(process.argv[2] ?? '') as Variant;
const { addon, design } = await open(variant);

let collecting = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) collecting += entry.duration;
}).observe({ entryTypes: ['gc'] });

function measure({ workload, count }: Request): Result {
  if (workload === 'floor') {
    const start = performance.now();
    addon.floorChain(count);
    return { ns: ((performance.now() - start) * 1e6) / (count * 1000) };
  }
  if (workload === 'pinned') return pinned(design, count);
  const timing = timings[workload];
  if (timing !== undefined) return { ns: timing(design, count) };
  const scenario = scenarios[workload];
  if (scenario === undefined) throw new Error(`no workload ${workload}`);
  return scenario(design);
}

process.on('message', async (request: Request) => {
  collecting = 0;
  const start = performance.now();
  const result = measure(request);
  const elapsed = performance.now() - start;
  await sleep(20); // the observer's entries and deferred finalizers arrive with the event loop
  process.send?.({ ...result, gcShare: collecting / elapsed, live: addon.live() });
});
process.send?.('ready');
