// Measures our side in a process of its own. Each message names a suite, a row and a count; the answer is one number for
// each measurement taken, and what the work came to.

import v8 from 'node:v8';
import vm from 'node:vm';
import { messageOf } from '../foundation/errors/message.ts';
import type { Suite } from './rows.ts';
import { isTiming } from './timing.ts';

export interface Request {
  readonly suite: Suite;
  readonly row: string;
  readonly count: number;
}

export interface Reply {
  /** Nanoseconds of the whole run, or what the workload measured itself. */
  readonly nanoseconds: number;
  /** Processor time of the run, on all threads: what waiting for a busy machine does not change. */
  readonly cpuNanoseconds: number;
  readonly result: number | number[] | null;
  readonly error?: string;
  /** The module that Python has not, or the row that C++ has not. */
  readonly missing?: string;
}

// Only the suite that is asked for: each makes its tensors when it is loaded.
const SUITE_MODULES = {
  micro: () => import('./workloads/micro.ts'),
  memory: () => import('./workloads/memory.ts'),
  matmul: () => import('./workloads/matmul.ts'),
  bandwidth: () => import('./workloads/bandwidth.ts'),
  start: () => import('./workloads/start.ts'),
  programs: () => import('./workloads/programs.ts'),
  bridge: () => import('./workloads/bridge.ts'),
  lm: () => import('./workloads/lm.ts'),
  gpu: () => import('./workloads/gpu.ts'),
} as const;

type Workload = (count: number) => unknown;

// A full collection throws away the optimized code of closures and sweeps on other threads for a while, so what follows
// takes up to half as long again, which no program meets at every measurement. What measures memory wants just that, and
// beside a language model it is nothing; what starts processes has nothing to settle.
const UNSETTLED: readonly Suite[] = ['memory', 'bridge', 'lm', 'start'];
const settles = (suite: Suite): boolean => !UNSETTLED.includes(suite);

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;
v8.setFlagsFromString('--no-expose-gc');

async function measure({ suite, row, count }: Request): Promise<Reply> {
  const { workloads } = await SUITE_MODULES[suite]();
  const workload = (workloads as Record<string, Workload>)[row];
  if (workload === undefined) throw new Error(`the suite ${suite} has no row ${row}`);
  // What earlier rows left behind is not this row's to clean up.
  collect();
  if (settles(suite)) await workload(count);
  const cpuStart = process.cpuUsage();
  const start = process.hrtime.bigint();
  const outcome = workload(count);
  const nanoseconds = Number(process.hrtime.bigint() - start);
  const { user, system } = process.cpuUsage(cpuStart);
  const result = await outcome;
  if (isTiming(result)) return result;
  return { nanoseconds, cpuNanoseconds: (user + system) * 1000, result: (result ?? null) as Reply['result'] };
}

process.on('message', (request: Request) => {
  measure(request).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      const text = messageOf(error);
      process.send?.({ nanoseconds: 0, cpuNanoseconds: 0, result: null, error: text } satisfies Reply);
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
