import { ArgumentError, MlxRouterError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { Dtype } from '../../foundation/values/dtypes.ts';
import { disregard } from './promises.ts';

/**
 * How an error names what came and is refused: `the string "abc"`, `an object with the keys a, b`, `a list of 3`. Never
 * throws. A promise in it has no handler from then on.
 */
export function describeValue(value: unknown): string {
  disregard(value);
  try {
    return describe(value);
  } catch {
    // A getter or a proxy of the caller's threw.
    return 'a value that cannot be looked into';
  }
}

/** What a getter or a proxy of the caller's threw while it was read, as an ArgumentError; the library's own as it is. */
export function typed(error: unknown, operation: string): MlxRouterError {
  if (error instanceof MlxRouterError) return error;
  return new ArgumentError(`an argument cannot be read: ${messageOf(error)}`, { operation, cause: error });
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
    case 'number':
    case 'boolean':
      return `the ${typeof value} ${String(value)}`;
    case 'bigint':
      return `the bigint ${value}n`;
    case 'function':
      return value.name === '' ? 'a function' : `the function ${value.name}`;
    case 'symbol':
      return 'a symbol';
    default:
      return describeObject(value);
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Dtype) return `the dtype ${value.name}`;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (name !== undefined && name !== 'Object') return `a value of type ${String(name)}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : `an object with the keys ${keys.slice(0, 6).join(', ')}`;
}
