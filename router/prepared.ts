import type { ArgumentParser } from '../registry/arguments/parse.ts';
import type { BoundCall, DirectCall, DirectNumber, DirectShape } from '../registry/backend.ts';
import type { Operation } from '../registry/operation.ts';
import type { ShortDeferred } from './deferring.ts';
import type { Tally } from './telemetry.ts';
import type { Tensor } from './tensor.ts';

/** An operation with all that is worked out once: its parser, its short cut, its counters. */
export interface Prepared {
  readonly operation: Operation;
  readonly name: string;
  readonly qualified: string;
  readonly parser: ArgumentParser<Tensor>;
  readonly port: ((...args: unknown[]) => unknown) | undefined;
  /** Set while calls without a choice of their own go to native unwatched, which is the usual case. */
  direct: DirectCall | null;
  directNumber: DirectNumber | null;
  directShape: DirectShape | null;
  usual: BoundCall | null;
  /** Set while calls to Python may go without waiting. */
  deferred: ShortDeferred | null;
  readonly usualTally: Tally;
}
