import { ArgumentError } from '../../foundation/errors/errors.ts';
import { isPlain } from '../../foundation/values/containers.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { didYouMean } from '../../registry/naming.ts';

// How constructors of layers and optimizers read their arguments: in Python's order by position, by name in an object at
// the end, or some this way and the rest that way. What a function takes is an object of kinds, in that order.

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

export function func<F extends (...args: never[]) => unknown>(): Kind<F> {
  return kind('a function', (value) => (typeof value === 'function' ? (value as F) : undefined));
}

export function instance<T>(type: abstract new (...args: never[]) => T, name: string): Kind<T> {
  return kind(name, (value) => (value instanceof type ? value : undefined));
}

/** Reads the arguments of the function of this name. @throws ArgumentError that names the argument that is wrong. */
export function signature<K extends Kinds>(operation: string, kinds: K): (args: readonly unknown[]) => Read<K> {
  const names = Object.keys(kinds);
  const fail = (message: string): never => {
    throw new ArgumentError(message, { operation });
  };
  return (args) => {
    const last = args.at(-1);
    const named = isPlain(last) ? last : undefined;
    const positional = named === undefined ? args : args.slice(0, -1);
    if (positional.length > names.length) {
      fail(`expected at most ${names.length} arguments, received ${positional.length}`);
    }
    const unknown = Object.keys(named ?? {}).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      fail(`no argument is named "${unknown}"${didYouMean(unknown, names)}; known are ${names.join(', ')}`);
    }
    const values = names.map((name, i) => {
      const { expected, read, fallback } = kinds[name] as Kind<unknown>;
      const given = positional[i];
      if (given !== undefined && named?.[name] !== undefined) {
        fail(`"${name}" was given twice, by position and by name`);
      }
      const value = given ?? named?.[name] ?? given;
      if (value === undefined) {
        if (fallback === undefined) fail(`expected an argument for "${name}", received nothing`);
        return [name, fallback?.value] as const;
      }
      const result = read(value);
      if (result === undefined) fail(`expected ${expected} for "${name}", received ${describeValue(value)}`);
      return [name, result] as const;
    });
    return Object.fromEntries(values) as Read<K>;
  };
}
