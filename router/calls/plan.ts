import type { DirectCall, PreparedCall } from '../../backend/backend.ts';
import type { Implementation } from '../../foundation/errors/errors.ts';
import type { ArgumentParser } from '../../registry/arguments/parse.ts';
import type { Operation } from '../../registry/operation.ts';
import type { DeferredPlan } from '../selection/deferring.ts';
import type { Decision } from '../selection/select.ts';
import type { Tally } from '../telemetry/telemetry.ts';
import type { Tensor } from '../tensors/tensor.ts';

/** How one backend runs an operation. */
export interface Side {
  readonly implementation: Implementation;
  /** null: the port of an operation of the user's. */
  readonly prepared: PreparedCall | null;
}

/** Where calls of an operation go, why, and what counts them. */
export interface Route extends Side, Decision {
  readonly tally: Tally;
}

/** Routes by the backend that was chosen; undefined: none was. */
export type Routes = Map<Implementation | undefined, Route>;

/**
 * How calls of one operation are made, worked out once from its row: the parser with its guards, and the ways that need
 * no decision. Each of these is null while the router has to look closer; then the next one is tried, and at last the
 * routed call. The public functions, the methods and `Router.call` all go by it.
 */
export interface CallPlan {
  readonly operation: Operation;
  readonly name: string;
  readonly qualified: string;
  readonly parser: ArgumentParser<Tensor>;
  readonly port: ((...args: unknown[]) => unknown) | undefined;
  /** Native, from the caller's own arguments: the parser is not needed. */
  direct: DirectCall | null;
  /** Into a pipeline to Python, from the caller's own arguments. */
  deferred: DeferredPlan | null;
  /** Native, with parsed arguments: no decision is needed. */
  usual: PreparedCall | null;
  /** Decisions that hold until the configuration changes: of calls that choose a backend, and of those that do not. */
  readonly forced: Routes;
  readonly unforced: Routes;
  /** Counts the calls of `direct` and `usual`. */
  readonly usualTally: Tally;
}
