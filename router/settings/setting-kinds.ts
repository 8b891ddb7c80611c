import { delimiter } from 'node:path';
import type { Implementation } from '../../foundation/errors/errors.ts';
import type { WorkerEnvironment } from '../../foundation/system/limits.ts';

/** Says of a variable's text what was expected, and which part of it is wrong. Throws. */
export type Refuse = (expected: string, received: string) => never;

/** What a setting may be, and how a variable writes it. */
export interface Kind<T> {
  readonly is: (value: unknown) => value is T;
  readonly expected: string;
  /** What the text stands for, which is still to be held against `is`. */
  readonly read: (text: string, refuse: Refuse) => unknown;
}

/** What it is by default, what else it may be, and the variable that says so. */
export interface Setting<T> extends Kind<T> {
  readonly variable: string;
  readonly default: T;
}

export function setting<T>(variable: string, usual: NoInfer<T>, kind: Kind<T>): Setting<T> {
  return { variable, default: usual, ...kind };
}

const FLAGS: Readonly<Record<string, boolean>> = { '1': true, true: true, '0': false, false: false };

export const flag: Kind<boolean> = {
  is: (value) => typeof value === 'boolean',
  expected: 'a boolean',
  read: (text, refuse) => FLAGS[text.toLowerCase()] ?? refuse('1, true, 0 or false', text),
};

export const share: Kind<number> = {
  is: (value): value is number => typeof value === 'number' && value >= 0 && value <= 1,
  expected: 'a share from 0 to 1',
  read: Number,
};

/** An integer; `unit`: of what. */
export function count(low = 0, high = Number.MAX_SAFE_INTEGER, unit?: 'bytes' | 'milliseconds'): Kind<number> {
  const range = high === Number.MAX_SAFE_INTEGER ? `from ${low} up` : `from ${low} to ${high}`;
  return {
    is: (value): value is number => Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
    expected: `${unit === undefined ? '' : `${unit}, `}an integer ${range}`,
    read: Number,
  };
}

/** Bytes from so many up, or 0 for no limit. */
export function bytesOrNone(low: number): Kind<number> {
  const { is } = count(low);
  return {
    is: (value): value is number => value === 0 || is(value),
    expected: `bytes, 0 or an integer from ${low} up`,
    read: Number,
  };
}

export function choice<const W extends string>(...words: readonly W[]): Kind<W> {
  const quoted = words.map((word) => `"${word}"`);
  return {
    is: (value): value is W => words.includes(value as W),
    expected: `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`,
    read: (text) => text,
  };
}

export const pathOrNone: Kind<string | null> = {
  is: (value): value is string | null => value === null || (typeof value === 'string' && value !== ''),
  expected: 'a path or null',
  read: (text) => text,
};

/** Separated by commas in the variable. */
export const modules: Kind<readonly string[]> = {
  is: (value): value is string[] =>
    Array.isArray(value) &&
    value.every((name) => typeof name === 'string' && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(name)),
  expected: 'a list of Python module names',
  read: words,
};

/** Separated in the variable as in PATH. */
export const folders: Kind<readonly string[]> = {
  is: (value): value is string[] =>
    Array.isArray(value) && value.every((folder) => typeof folder === 'string' && folder !== ''),
  expected: 'a list of folders',
  read: (text) => text.split(delimiter).filter((folder) => folder !== ''),
};

/** Names of variables, an object of them, or all; in the variable separated by commas. */
export const environment: Kind<WorkerEnvironment> = {
  is: (value): value is 'inherit' | string[] | Record<string, string> => {
    if (value === 'inherit') return true;
    if (Array.isArray(value)) {
      return value.every((name) => typeof name === 'string' && /^[^=*\0]+\*?$/.test(name));
    }
    return (
      typeof value === 'object' &&
      value !== null &&
      Object.entries(value).every(
        ([name, text]) => /^[^=\0]+$/.test(name) && typeof text === 'string' && !text.includes('\0'),
      )
    );
  },
  expected: '"inherit", a list of names of variables, or an object of variables',
  read: (text) => (text.trim() === 'inherit' ? 'inherit' : words(text)),
};

/** In the variable `name=backend`, separated by commas. */
export const overrides: Kind<Readonly<Record<string, Implementation>>> = {
  // The names and the backends are looked at where the operations are known.
  is: (value): value is Record<string, Implementation> =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
  expected: 'an object of "native" or "python" by operation or family',
  read: (text, refuse) =>
    Object.fromEntries(
      words(text).map((pair) => {
        const [target = '', implementation] = pair.split('=').map((part) => part.trim());
        if (implementation === 'native' || implementation === 'python') return [target, implementation];
        return refuse('"operation=native" or "operation=python"', pair);
      }),
    ),
};

function words(text: string): string[] {
  return text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
}
