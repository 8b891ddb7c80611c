import { ArgumentError } from '../foundation/errors/errors.ts';
import { describeValue } from './arguments/describe.ts';

/**
 * How transforms go through an operation that MLX cannot see into. Lists hold one array for each array among the
 * arguments, or among the results, in their order; `args` is what the operation was called with.
 */
export interface Rules {
  /** The gradient by each primal, of its shape and dtype; null where there is none. */
  readonly vjp?: (primals: never, cotangents: never, outputs: never, args: never) => unknown;
  /** The tangent of each output; the tangent of a primal that has none is null. */
  readonly jvp?: (primals: never, tangents: never, args: never) => unknown;
}

type RuleName = keyof Rules;
export type Rule = (...args: unknown[]) => unknown;

const NAMES: readonly RuleName[] = ['vjp', 'jvp'];

/** The rules among the fields of a description; undefined where there are none. */
export function rulesOf(description: Rules, what: string): Rules | undefined {
  const given = NAMES.filter((name) => description[name] !== undefined);
  for (const name of given) {
    if (typeof description[name] === 'function') continue;
    throw new ArgumentError(
      `${what}: expected "${name}" to be a function, received ${describeValue(description[name])}`,
    );
  }
  if (given.length === 0) return undefined;
  return Object.fromEntries(given.map((name) => [name, description[name]]));
}
