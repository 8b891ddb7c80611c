import { FileError } from '../../foundation/errors/errors.ts';

/** What a config.json holds. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** Reads the fields of a model's config, each checked, so that an architecture's file only names them. */
export class ConfigFields {
  readonly values: RawConfig;
  readonly #where: string;

  /** @param where what the fields belong to, for messages */
  constructor(values: RawConfig, where = 'config.json') {
    this.values = values;
    this.#where = where;
  }

  #read<T>(name: string, fallback: T | undefined, what: string, accepts: (value: unknown) => value is T): T {
    const value = this.values[name] ?? undefined;
    if (value === undefined && fallback !== undefined) return fallback;
    if (accepts(value)) return value;
    const came = value === undefined ? 'no such field' : JSON.stringify(value)?.slice(0, 80);
    throw new FileError(`${this.#where}: expected ${what} for "${name}", received ${came}`);
  }

  has(name: string): boolean {
    return (this.values[name] ?? undefined) !== undefined;
  }

  /** A whole number of at least 1. */
  size(name: string, fallback?: number): number {
    return this.#read(name, fallback, 'a whole number of at least 1', isSize);
  }

  number(name: string, fallback?: number): number {
    return this.#read(name, fallback, 'a finite number', isNumber);
  }

  flag(name: string, fallback?: boolean): boolean {
    return this.#read(name, fallback, 'true or false', (value) => typeof value === 'boolean');
  }

  text(name: string, fallback?: string): string {
    return this.#read(name, fallback, 'a string', (value) => typeof value === 'string');
  }

  /** A list of strings; undefined where the field is absent. */
  texts(name: string): readonly string[] | undefined {
    if (!this.has(name)) return undefined;
    const isTexts = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return this.#read<string[]>(name, undefined, 'a list of strings', isTexts);
  }

  /** A list of numbers; undefined where the field is absent. */
  numbers(name: string): readonly number[] | undefined {
    if (!this.has(name)) return undefined;
    const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);
    return this.#read<number[]>(name, undefined, 'a list of numbers', isNumbers);
  }

  /** The fields of an object inside; undefined where it is absent. */
  object(name: string): ConfigFields | undefined {
    if (!this.has(name)) return undefined;
    const inner = this.#read<RawConfig>(name, undefined, 'an object', isObject);
    return new ConfigFields(inner, `${this.#where}, "${name}"`);
  }

  /** The same with other values for some fields. */
  with(changes: RawConfig): ConfigFields {
    return new ConfigFields({ ...this.values, ...changes }, this.#where);
  }

  /** An error about the fields together. */
  error(message: string): FileError {
    return new FileError(`${this.#where}: ${message}`);
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
const isObject = (value: unknown): value is RawConfig =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
