import { ArgumentError, type Implementation, OperationError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import { isTensor } from '../../router/tensors/tensor.ts';
import { tensorsOf } from '../../router/tensors/tree.ts';
import { randomState, router } from '../../runtime/runtime.ts';
import { signalIn, untilAborted } from './abort.ts';

/** Computes every array in the arguments: arrays, lists and plain objects of them. */
export function evaluate(...trees: unknown[]): void {
  router.eval(trees);
}

/**
 * As `eval`, without blocking this thread while MLX computes; rejects with MLX's error, and inside of a transform, where
 * the values may be yet to come. `{ signal }` at the end ends the wait when the signal aborts, with its reason; what was
 * started computes on, for MLX cannot be stopped.
 *
 * The promise may be left alone, as in Python, where there is none: what failed to compute fails again when it is read.
 */
export function asyncEval(...trees: unknown[]): Promise<void> {
  const computed = startEvaluation(trees);
  disregard(computed);
  return computed;
}

async function startEvaluation(trees: unknown[]): Promise<void> {
  const { side } = router.tracing;
  if (side !== undefined) {
    throw new OperationError(
      'nothing is evaluated in the background inside of a transform; use mx.eval there, or asyncEval after it',
      { operation: 'mx.asyncEval', implementation: side },
    );
  }
  const signal = signalOf(trees.at(-1));
  await untilAborted(signal, () => router.evalAsync(trees, signal));
}

/** The signal of trailing options. An object of arrays is none, even if one is called "signal". */
function signalOf(options: unknown): AbortSignal | undefined {
  if (typeof options !== 'object' || options === null || isTensor(options)) return undefined;
  const isMeant =
    Object.hasOwn(options, 'signal') || Object.values(options).some((value) => value instanceof AbortSignal);
  if (!isMeant) return undefined;
  return tensorsOf(options, 'mx.asyncEval').length === 0 ? signalIn(options, 'mx.asyncEval') : undefined;
}

/**
 * Runs the function and frees every array made in it, but those in what it returns (an array, a list or a plain object of
 * them): at once; of a function that is declared `async` as soon as its promise settles, what it made behind an `await`
 * included. Return the promise to the caller: `await mx.tidy(async () => …)`. Any number of them may be under way.
 * @throws ArgumentError for a function that returns a promise and is not declared `async`, and for an `async` one inside
 * a `tidy` of a synchronous function.
 */
export function tidy<T>(use: () => T): T {
  if (typeof use !== 'function') {
    throw new ArgumentError(`expected a function to run, received ${describeValue(use)}`, {
      operation: 'mx.tidy',
    });
  }
  if (isAsync(use)) {
    if (router.residency.inScope) {
      throw new ArgumentError(
        'expected a synchronous function, as the mx.tidy around it has one and frees, when that returns, what this one ' +
          'still needs, received one that is declared async; declare the outer function async and await the inner tidy',
        { operation: 'mx.tidy' },
      );
    }
    return tidied(use) as T;
  }
  let result: T | undefined;
  router.tidy(() => {
    result = use();
    // The random sequence goes on after the scope, from a key that may have been drawn in it.
    return result instanceof Promise ? result : [result, randomState.known];
  });
  return result as T;
}

/** Whether the function is declared `async`, which shows before it runs; a bound one too. */
function isAsync(use: object): use is () => Promise<unknown> {
  return (use as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'AsyncFunction';
}

/** The scope of an asynchronous function follows its awaits, as a session does. */
async function tidied<T>(use: () => Promise<T>): Promise<T> {
  const session = router.sessions.begin();
  try {
    const result = await router.sessions.run(session, use);
    router.sessions.keep(session, result, 'mx.tidy');
    return result;
  } finally {
    if (randomState.known !== undefined) router.sessions.keep(session, randomState.known, 'mx.tidy');
    router.sessions.end(session);
  }
}

/** Sends every call inside the function to one backend; a call's own `implementation` still wins. */
export function withImplementation<T>(implementation: Implementation, use: () => T): T {
  return router.withImplementation(implementation, use);
}

/**
 * Bounds what the function asks of Python workers: whatever has no answer when so many milliseconds are over is a
 * WorkerTimeoutError, and a worker that is still at it is killed. The time that a worker takes to start counts as well. Of
 * deadlines inside each other the soonest holds. What runs in this process is not interrupted.
 */
export function withDeadline<T>(milliseconds: number, use: () => T): T {
  return router.deadlines.run(milliseconds, use);
}
