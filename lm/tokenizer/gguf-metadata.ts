import { FileError } from '../../foundation/errors/errors.ts';
import type { core as mx } from '../../mlx/index.ts';

export type GgufValues = Readonly<Record<string, string | readonly string[] | mx.Array>>;

/** Reads the metadata of a gguf file. What has another type than is asked for is a FileError. */
export class GgufMetadata {
  readonly #values: GgufValues;
  readonly path: string;

  constructor(values: GgufValues, path: string) {
    this.#values = values;
    this.path = path;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  text(key: string): string | undefined {
    const value = this.#of(key);
    if (value === undefined || typeof value === 'string') return value;
    return this.fail(`"${key}" is no text`);
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.#of(key);
    if (value === undefined || Array.isArray(value)) return value as readonly string[] | undefined;
    return this.fail(`"${key}" is no list of texts`);
  }

  numbers(key: string): readonly number[] | undefined {
    const value = this.#of(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string' || Array.isArray(value)) return this.fail(`"${key}" holds no numbers`);
    const list = (value as mx.Array).tolist() as unknown;
    return (Array.isArray(list) ? list : [list]).map(Number);
  }

  number(key: string): number | undefined {
    const numbers = this.numbers(key);
    if (numbers === undefined) return undefined;
    if (numbers.length === 1 && Number.isFinite(numbers[0])) return numbers[0];
    // Some architectures give one for each layer.
    if (numbers.length > 1 && numbers.every((number) => number === numbers[0])) return numbers[0];
    return this.fail(`"${key}" is not one number`);
  }

  flag(key: string): boolean | undefined {
    const number = this.number(key);
    return number === undefined ? undefined : number !== 0;
  }

  /** @throws FileError where it is not there */
  required<T>(key: string, value: T | undefined): T {
    return value === undefined ? this.fail(`it has no "${key}"`) : value;
  }

  fail(what: string): never {
    throw new FileError(`${this.path} cannot be used as a model: ${what}`, { operation: 'readGguf' });
  }

  #of(key: string): string | readonly string[] | mx.Array | undefined {
    return this.has(key) ? this.#values[key] : undefined;
  }
}
