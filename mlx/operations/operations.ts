import { checkedSignal } from '../../registry/arguments/options.ts';
import { publicName, type UserOperation } from '../../registry/registry.ts';
import { registry, router } from '../../runtime/runtime.ts';
import { untilAborted } from '../evaluation/abort.ts';

/** A user's operation: tensors and plain data, then keywords and `{ implementation }` in one trailing object. */
export type UserCall<Result = unknown> = ((...args: unknown[]) => Result) & {
  /** The same without blocking this thread while a Python worker computes. */
  readonly async: (...args: unknown[]) => Promise<Result>;
};

/**
 * Adds an operation of your own: a Python function by `module:function`, a JavaScript port of it, or both. Calling it
 * again with a port added makes the port the preferred way from then on. `Result` is what you know that it gives;
 * nothing checks it.
 *
 * @example
 * const tda = { name: 'tda.persistence', python: 'my_package.tda:persistence' };
 * const persistence = registry.register<mx.Array>(tda);
 * const diagram = persistence(points, { dimension: 1 });
 */
export function register<Result = unknown>(operation: UserOperation): UserCall<Result> {
  const { name } = registry.add(operation);
  const run = (...args: unknown[]) => call(name, ...args) as Result;
  return Object.assign(run, { async: (...args: unknown[]) => callAsync(name, ...args) as Promise<Result> });
}

/** Calls any operation by its qualified name in Python's spelling: `registry.call('linalg.qr', a)`. */
export function call(name: string, ...args: unknown[]): unknown {
  return router.call(router.prepare(name), args);
}

/**
 * As `call`, without blocking this thread while a Python worker computes. `{ signal }` among the keywords ends the wait
 * when the signal aborts, with its reason: a call that has not gone out is withdrawn; one that is all its worker is busy
 * with ends together with the worker, unless that holds arrays; any other runs to its end, and its result is dropped.
 */
export async function callAsync(name: string, ...args: unknown[]): Promise<unknown> {
  const { signal, rest } = withoutSignal(name, args);
  return untilAborted(signal, () => router.callAsync(router.prepare(name), rest, signal));
}

/** An AbortSignal in the trailing object is for this library. A Python function of the user's may have a keyword of that name. */
function withoutSignal(
  name: string,
  args: readonly unknown[],
): { signal: AbortSignal | undefined; rest: readonly unknown[] } {
  const last = args.at(-1);
  if (typeof last !== 'object' || last === null || Object.getPrototypeOf(last) !== Object.prototype) {
    return { signal: undefined, rest: args };
  }
  if (!Object.hasOwn(last, 'signal')) return { signal: undefined, rest: args };
  const { signal, ...keywords } = last as { signal?: unknown };
  const operation = registry.get(name);
  if (operation.family === 'user' && signal !== undefined && !isAboutAborting(signal)) {
    return { signal: undefined, rest: args };
  }
  const positional = args.slice(0, -1);
  return {
    signal: checkedSignal(signal, publicName(operation)),
    rest: Object.keys(keywords).length === 0 ? positional : [...positional, keywords],
  };
}

/** An AbortController is easily mistaken for its signal, and of no use to Python. */
function isAboutAborting(value: unknown): boolean {
  return value instanceof AbortSignal || value instanceof AbortController;
}
