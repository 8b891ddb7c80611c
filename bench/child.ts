// Measures our side in a process of its own. Each message names a suite, a row and a count; the answer is one number for
// each measurement taken, and what the work came to.
import { extname } from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';

export interface Request {
  readonly suite: string;
  readonly row: string;
  readonly count: number;
}

export interface Reply {
  /** Nanoseconds of the whole run, or what the workload measured itself. */
  readonly nanoseconds: number;
  readonly result: number | number[] | null;
  readonly error?: string;
}

type Workload = (count: number) => undefined | number | number[] | Promise<number[]>;

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;
v8.setFlagsFromString('--no-expose-gc');

async function measure({ suite, row, count }: Request): Promise<Reply> {
  const { workloads } = (await import(`./workloads/${suite}${extname(import.meta.url)}`)) as {
    workloads: Record<string, Workload>;
  };
  const workload = workloads[row];
  if (workload === undefined) throw new Error(`the suite ${suite} has no row ${row}`);
  // What earlier rows left behind is not this row's to clean up.
  collect();
  const start = process.hrtime.bigint();
  const outcome = workload(count);
  const nanoseconds = Number(process.hrtime.bigint() - start);
  return { nanoseconds, result: (await outcome) ?? null };
}

process.on('message', (request: Request) => {
  measure(request).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      process.send?.({ nanoseconds: 0, result: null, error: text } satisfies Reply);
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
