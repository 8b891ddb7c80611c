import type { UserOperation } from '../registry/registry.ts';
import { registry, router } from './runtime.ts';

/** A user's operation: tensors and plain data, then keywords and `{ implementation }` in one trailing object. */
export type UserCall = ((...args: unknown[]) => unknown) & {
  /** The same without blocking this thread while a Python worker computes. */
  readonly async: (...args: unknown[]) => Promise<unknown>;
};

/**
 * Adds an operation of your own: a Python function by `module:function`, a JavaScript port of it, or both. Calling it
 * again with a port added makes the port the preferred way from then on.
 *
 * @example
 * const persistence = registry.register({ name: 'tda.persistence', python: 'my_package.tda:persistence' });
 * const diagram = persistence(points, { dimension: 1 });
 */
export function register(operation: UserOperation): UserCall {
  const { name } = registry.add(operation);
  const run = (...args: unknown[]) => call(name, ...args);
  return Object.assign(run, { async: (...args: unknown[]) => callAsync(name, ...args) });
}

/** Calls any operation by its qualified name in Python's spelling: `registry.call('linalg.qr', a)`. */
export function call(name: string, ...args: unknown[]): unknown {
  return router.call(router.prepare(name), args);
}

/** As `call`, without blocking this thread while a Python worker computes. */
export function callAsync(name: string, ...args: unknown[]): Promise<unknown> {
  return router.callAsync(router.prepare(name), args);
}
