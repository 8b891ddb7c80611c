import { describeValue } from '../../../registry/arguments/describe.ts';
import { ApiError, wrongField } from '../errors.ts';

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of a body, each read as what it has to be. `null` is as good as none. */
export class Fields {
  readonly #values: Json;
  readonly #path: string;

  constructor(values: unknown, path = '') {
    if (!isObject(values)) {
      const what = path === '' ? 'a JSON object as the body' : `an object for "${path}"`;
      throw new ApiError(400, `expected ${what}, received ${describeValue(values)}`, {
        param: path === '' ? null : path,
        code: 'invalid_type',
      });
    }
    this.#values = values;
    this.#path = path === '' ? '' : `${path}.`;
  }

  get(name: string): unknown {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    return value === null ? undefined : value;
  }

  wrong(name: string, expected: string): ApiError {
    const param = this.#path + name;
    return wrongField(
      param,
      `expected ${expected} for "${param}", received ${describeValue(this.get(name))}`,
      'invalid_type',
    );
  }

  string(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(name, 'a string');
  }

  boolean(name: string): boolean | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.wrong(name, 'a boolean');
  }

  number(name: string, least: number, most: number): number | undefined {
    const value = this.get(name);
    if (value === undefined || (typeof value === 'number' && value >= least && value <= most)) return value;
    throw this.wrong(name, `a number from ${least} to ${most}`);
  }

  count(name: string, least: number, most = 2 ** 31 - 1): number | undefined {
    const value = this.number(name, least, most);
    if (value === undefined || Number.isInteger(value)) return value;
    throw this.wrong(name, 'a whole number');
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.get(name);
    if (value === undefined || Array.isArray(value)) return value;
    throw this.wrong(name, 'a list');
  }

  fields(name: string): Fields | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : new Fields(value, this.#path + name);
  }

  /** Refuses what is asked for and is not there, rather than answering as if it had not been asked for. */
  refuse(name: string, message: string, isHarmless: (value: unknown) => boolean = () => false): void {
    const value = this.get(name);
    if (value === undefined || isHarmless(value)) return;
    throw wrongField(this.#path + name, `"${this.#path}${name}": ${message}`, 'unsupported_value');
  }
}
