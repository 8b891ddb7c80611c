import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';

export function wrong(name: string, expected: string, value: unknown, operation?: string): ArgumentError {
  return new ArgumentError(`expected ${expected} for "${name}", received ${describeValue(value)}`, { operation });
}

/** A finite number from `least` to `most`. */
export function checkNumber(name: string, value: unknown, least: number, most = Number.MAX_VALUE): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  const range = most === Number.MAX_VALUE ? `of at least ${least}` : `from ${least} to ${most}`;
  throw wrong(name, least === -Number.MAX_VALUE ? 'a finite number' : `a number ${range}`, value);
}

/** A whole number of at least `least`. */
export function checkCount(name: string, value: unknown, least: number, operation?: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw wrong(name, `a whole number of at least ${least}`, value, operation);
}

/** Token indices of 32 bits, none negative. */
export function checkTokens(name: string, value: unknown): readonly number[] {
  const isToken = (token: unknown) => Number.isInteger(token) && (token as number) >= 0 && (token as number) < 2 ** 31;
  if (Array.isArray(value)) {
    const bad = value.findIndex((token) => !isToken(token));
    if (bad === -1) return value;
    throw wrong(`${name}[${bad}]`, 'a token index', value[bad]);
  }
  throw wrong(name, 'a list of token indices', value);
}
