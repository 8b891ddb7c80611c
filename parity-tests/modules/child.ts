import { shutdown } from '../../mlx/index.ts';
import { findReference } from './check.ts';
import { MODULE_CHECKS, type RowReport } from './run.ts';

/** What the parent asks of this process. */
export interface Task {
  /** The place in the list of all rows. */
  readonly row: number;
  readonly runs: number;
  readonly seed: number;
}

export interface Reply {
  readonly report: RowReport;
}

findReference();
process.on('message', ({ row, ...how }: Task) => {
  const report = MODULE_CHECKS[row]!.run(how);
  process.send?.({ report } satisfies Reply);
});
process.on('disconnect', () => {
  void shutdown().finally(() => process.exit());
});
