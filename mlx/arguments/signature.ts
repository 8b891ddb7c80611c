import { ArgumentError } from '../../foundation/errors/errors.ts';
import { isPlain } from '../../foundation/values/containers.ts';
import { Dtype } from '../../foundation/values/dtypes.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { didYouMean } from '../../registry/naming.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import { Group } from '../devices/distributed.ts';

// How layers, optimizers and functions of both read their arguments: in Python's order by position, by name in an object
// at the end, or some this way and the rest that way. What a function takes is an object of kinds, in that order.

/** What one argument may be. */
export interface Kind<T> {
  /** For errors: `an integer`. */
  readonly expected: string;
  /** undefined where the value is none of the kind. */
  readonly read: (value: unknown) => T | undefined;
  /** Absent: the argument is required. */
  readonly fallback?: { readonly value: T };
}

type Kinds = Readonly<Record<string, Kind<unknown>>>;
type Read<K extends Kinds> = { readonly [Name in keyof K]: K[Name] extends Kind<infer T> ? T : never };

function kind<T>(expected: string, read: (value: unknown) => T | undefined): Kind<T> {
  return { expected, read };
}

/** The same kind, for an argument that may be left out. */
export function or<T, const F>(kind: Kind<T>, value: F): Kind<T | F> {
  const isNullable = value === null;
  return {
    expected: isNullable ? `${kind.expected}, or null` : kind.expected,
    read: (given) => (isNullable && given === null ? (null as F) : kind.read(given)),
    fallback: { value },
  };
}

export const integer = kind('an integer', (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined,
);
export const size = kind('a positive integer', (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined,
);
export const number = kind('a number', (value) => (typeof value === 'number' ? value : undefined));
export const flag = kind('a boolean', (value) => (typeof value === 'boolean' ? value : undefined));
export const text = kind('a string', (value) => (typeof value === 'string' ? value : undefined));
/** What is read by another check, or may be anything. */
export const anything: Kind<unknown> = kind('a value', (value) => value);
export const array = instance(Tensor, 'an array (mx.array)');
export const dtype = instance(Dtype, 'a dtype');
export const group = instance<Group>(Group, 'a group made by mx.distributed.init');

/** How many of something that is made or done one by one. */
export function count(most: number): Kind<number> {
  return kind(`an integer from 1 to ${most}`, (value) => {
    const given = size.read(value);
    return given === undefined || given > most ? undefined : given;
  });
}

export function choice<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  const expected = `one of ${words.map((word) => `"${word}"`).join(', ')}`;
  return kind(expected, (value) => words.find((word) => word === value));
}

/** An integer for all axes, or a list of one for each. */
export function each(count: number): Kind<number[]> {
  return kind(`an integer or a list of ${count}`, (value) => {
    const list = Array.isArray(value) ? value : Array.from({ length: count }, () => value);
    return list.length === count && list.every(Number.isSafeInteger) ? [...(list as number[])] : undefined;
  });
}

/** More items than that in an argument are a mistake. */
const MOST_ITEMS = 2 ** 16;

/** A list of values of the kind; `expected` names it: `a list of numbers`. */
export function list<T>(item: Kind<T>, expected: string): Kind<readonly T[]> {
  return kind(expected, (value) => {
    if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
    // A hole is passed over by `every`, and is no item.
    const items = Array.from(value as unknown[]);
    return items.every((given) => item.read(given) !== undefined) ? (items as T[]) : undefined;
  });
}

export function func<F extends (...args: never[]) => unknown>(): Kind<F> {
  return kind('a function', (value) => (typeof value === 'function' ? (value as F) : undefined));
}

export function instance<T>(type: abstract new (...args: never[]) => T, name: string): Kind<T> {
  return kind(name, (value) => (value instanceof type ? value : undefined));
}

/**
 * Reads the arguments of the function of this name. So many of the first ones, `leading`, are never an object of those
 * that follow, whatever they are.
 * @throws ArgumentError that names the argument that is wrong.
 */
export function signature<K extends Kinds>(
  operation: string,
  kinds: K,
  leading = 0,
): (args: readonly unknown[]) => Read<K> {
  const names = Object.keys(kinds);
  const parameters = Object.entries(kinds);
  const fail = (message: string): never => {
    throw new ArgumentError(message, { operation });
  };
  const checkNames = (named: object): void => {
    const unknown = Object.keys(named).find((name) => !names.includes(name));
    if (unknown === undefined) return;
    const known = names.length === 0 ? 'there are none' : `known are ${names.join(', ')}`;
    fail(`no argument is named "${unknown}"${didYouMean(unknown, names)}; ${known}`);
  };
  return (args) => {
    const last = args.length > leading ? args.at(-1) : undefined;
    const named = isPlain(last) ? last : undefined;
    const given = named === undefined ? args.length : args.length - 1;
    if (given > names.length) fail(`expected at most ${names.length} arguments, received ${given}`);
    if (named !== undefined) checkNames(named);
    const values: Record<string, unknown> = {};
    parameters.forEach(([name, { expected, read, fallback }], i) => {
      const byPosition = i < given ? args[i] : undefined;
      const byName = named?.[name];
      if (byPosition !== undefined && byName !== undefined) {
        fail(`"${name}" was given twice, by position and by name`);
      }
      const value = byPosition === undefined ? byName : byPosition;
      if (value === undefined) {
        if (fallback === undefined) fail(`expected an argument for "${name}", received nothing`);
        values[name] = fallback?.value;
        return;
      }
      const result = read(value);
      if (result === undefined) fail(`expected ${expected} for "${name}", received ${describeValue(value)}`);
      values[name] = result;
    });
    return values as Read<K>;
  };
}
