import type { DirectCall, PreparedCall } from '../../backend/backend.ts';
import type { ArgumentParser } from '../../registry/arguments/parse.ts';
import type { Operation } from '../../registry/operation.ts';
import type { DeferredPlan } from '../selection/deferring.ts';
import type { Tally } from '../telemetry/telemetry.ts';
import type { Tensor } from '../tensors/tensor.ts';

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
  /** Counts the calls of `direct` and `usual`. */
  readonly usualTally: Tally;
}
