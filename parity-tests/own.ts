import type fc from 'fast-check';
import { ArgumentError } from '../foundation/errors/errors.ts';
import { describeValue } from '../registry/arguments/describe.ts';
import { checkedOptions } from '../registry/arguments/options.ts';

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
  const operation = 'parity.calls';
  if (typeof name !== 'string') {
    throw new ArgumentError(`expected an operation's name, received ${describeValue(name)}`, { operation });
  }
  const { tolerance } = checkedOptions<OwnCalls>(given, ['arguments', 'keywords', 'tolerance'], operation);
  if (tolerance !== undefined && (tolerance.reason ?? '').trim() === '') {
    throw new ArgumentError(`parity.calls: a tolerance of ${tolerance.ulp} ULP needs a reason`, { operation: name });
  }
  own.set(name, given);
}

export function ownCalls(name: string): OwnCalls | undefined {
  return own.get(name);
}
