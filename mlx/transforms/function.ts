import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { disregard } from '../../registry/arguments/promises.ts';

// biome-ignore lint/suspicious/noExplicitAny: a transform takes functions of every kind
export type AnyFunction = (...args: any[]) => unknown;

export function checkFunction(fun: unknown, operation: string): asserts fun is AnyFunction {
  if (typeof fun === 'function') return;
  throw new ArgumentError(`expected a function, received ${describeValue(fun)}`, { operation });
}

/** What the function gave; a promise cannot be traced. */
export function checkSynchronous(result: unknown, operation: string): unknown {
  if (!(result instanceof Promise)) return result;
  disregard(result);
  throw new ArgumentError('expected a synchronous function, received one that returns a promise', { operation });
}
