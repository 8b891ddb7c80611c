import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import type { CallSites } from '../../router/selection/deferring.ts';
import { router } from '../../runtime/runtime.ts';

/** Options of `mx.pipeline`. */
export interface PipelineOptions {
  /**
   * How exactly an error says where its operation was called. `'sampled'`: the first calls exactly, later ones by an
   * earlier call and how many came between. `'all'`: each exactly, which costs a few microseconds a call.
   */
  readonly callSites?: CallSites;
}

const OPERATION = 'mx.pipeline';

/**
 * Runs the function, and lets its calls to Python go in batches, without waiting for each. Calls that run on native are
 * as ever. A failed operation poisons its results; its error is thrown when one of them is read, or else at the end,
 * which waits for every call of the function. An asynchronous function gives a promise, to be awaited.
 * @throws the first failure that no read has met.
 */
export function pipeline<T>(use: () => T, options: PipelineOptions = {}): T {
  if (typeof use !== 'function') {
    throw new ArgumentError(`expected a function to run, received ${describeValue(use)}`, { operation: OPERATION });
  }
  return router.deferring.run(use, callSitesOf(options));
}

function callSitesOf(options: unknown): CallSites {
  const { callSites = 'sampled' } = checkedOptions<PipelineOptions>(options, ['callSites'], OPERATION);
  if (callSites === 'sampled' || callSites === 'all') return callSites;
  throw new ArgumentError(`expected "sampled" or "all" for "callSites", received ${describeValue(callSites)}`, {
    operation: OPERATION,
  });
}
