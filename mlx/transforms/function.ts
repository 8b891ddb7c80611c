import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { disregard } from '../../registry/arguments/promises.ts';

// biome-ignore lint/suspicious/noExplicitAny: a transform takes functions of every kind
export type AnyFunction = (...args: any[]) => unknown;

/** `name`: of the argument, where there are several. */
export function checkFunction(fun: unknown, operation: string, name?: string): asserts fun is AnyFunction {
  if (typeof fun === 'function') return;
  const place = name === undefined ? '' : ` for "${name}"`;
  throw new ArgumentError(`expected a function${place}, received ${describeValue(fun)}`, { operation });
}

/** What the function gave; a promise cannot be traced. */
export function checkSynchronous(result: unknown, operation: string): unknown {
  if (!(result instanceof Promise)) return result;
  disregard(result);
  throw new ArgumentError('expected a synchronous function, received one that returns a promise', { operation });
}
