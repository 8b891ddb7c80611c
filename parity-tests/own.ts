import type fc from 'fast-check';
import { ArgumentError } from '../registry/errors.ts';

/** How parity makes calls of an operation of the user's own. */
export interface OwnCalls {
  /** Lists of positional arguments; arrays come from `array()`. */
  readonly arguments: fc.Arbitrary<readonly unknown[]>;
  /** Keyword arguments in Python's spelling. */
  readonly keywords?: fc.Arbitrary<Readonly<Record<string, unknown>>>;
  /** Absent: bit for bit. */
  readonly tolerance?: { readonly ulp: number; readonly reason: string };
}

const own = new Map<string, OwnCalls>();

/**
 * Says how calls of a registered operation are made, for `check` and for `mlx-router parity`.
 *
 * @throws ArgumentError where a tolerance has no reason.
 */
export function calls(name: string, given: OwnCalls): void {
  const { tolerance } = given;
  if (tolerance !== undefined && (tolerance.reason ?? '').trim() === '') {
    throw new ArgumentError(`parity.calls: a tolerance of ${tolerance.ulp} ULP needs a reason`, { operation: name });
  }
  own.set(name, given);
}

export function ownCalls(name: string): OwnCalls | undefined {
  return own.get(name);
}
