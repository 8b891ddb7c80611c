import { ArgumentError } from '../../foundation/errors/errors.ts';
import { Dtype } from '../../foundation/values/dtypes.ts';
import type { StreamRef } from '../../foundation/values/values.ts';
import { isComplexLike, weakScalar } from '../../foundation/values/weak.ts';
import { camelCase, didYouMean } from '../naming.ts';
import type { Operation } from '../operation.ts';
import type { Parameter } from '../parameters.ts';
import { publicName } from '../registry.ts';
import { describeValue, typed } from './describe.ts';
import { ElementList } from './element-list.ts';
import { GivenArguments, integersOf } from './given.ts';
import type { Normal, ParsedCall, TensorHost } from './host.ts';
import { boundIndex } from './index-bounds.ts';
import type { IndexList } from './index-list.ts';
import { isMask, unfoldMasks } from './index-masks.ts';
import { Operands } from './operands.ts';
import { checkedImplementation } from './options.ts';
import { countable } from './preconditions/precondition.ts';
import { disregard } from './promises.ts';
import { fallbackValue, Mismatch, READERS } from './values.ts';

const OPTIONS = ['stream', 'implementation'];

/** Turns what a caller passes into what the parameters say, or throws an ArgumentError that names both. */
export class ArgumentParser<T extends object> {
  /** Whether MLX may not see every call: then no short cut may go round this parser. */
  readonly guards: boolean;
  readonly #operation: Operation;
  readonly #host: TensorHost<T>;
  readonly #name: string;
  readonly #keywords: string[];
  /** Where each parameter is, by its name in the row. */
  readonly #places: ReadonlyMap<string, number>;
  readonly #fallbacks: Normal<T>[];
  /** How many may be given by position. */
  readonly #positions: number;
  /** undefined where no parameter is an operand. */
  readonly #operands: Operands<T> | undefined;
  readonly #values: number[];
  readonly #variadic: number;
  readonly #index: number;
  readonly #shapes: number[];
  /** How many tensors make a call that needs no reading; -1: there is always something to read. */
  readonly #tensors: number;

  constructor(operation: Operation, host: TensorHost<T>) {
    const { parameters } = operation;
    this.#operation = operation;
    this.#host = host;
    this.#name = publicName(operation);
    this.#keywords = parameters.map((parameter) => camelCase(parameter.name));
    this.#places = new Map(parameters.map(({ name }, i) => [name, i]));
    this.#fallbacks = parameters.map((parameter) => fallbackValue(parameter));
    const firstKeyword = parameters.findIndex((parameter) => parameter.keywordOnly);
    this.#positions = firstKeyword === -1 ? parameters.length : firstKeyword;
    const mayBeNumbers = parameters.some(({ kind }) => kind === 'operand');
    this.#operands = mayBeNumbers ? new Operands(parameters, host) : undefined;
    this.#values = indicesOf(parameters, 'value');
    this.#variadic = parameters.findIndex((parameter) => parameter.variadic === true);
    this.#shapes = indicesOf(parameters, 'shape');
    this.guards = (operation.preconditions ?? []).length > 0;
    this.#index = parameters.findIndex((parameter) => parameter.kind === 'index');
    this.#tensors = takesOnlyTensors(operation) && !this.guards ? parameters.length : -1;
  }

  parse(args: readonly unknown[]): ParsedCall<T> {
    if (args.length === this.#tensors && args.every(this.#host.isTensor)) {
      return { values: [...args], stream: undefined, implementation: undefined };
    }
    try {
      return this.#parse(args);
    } catch (error) {
      disregard(args);
      throw typed(error, this.#name);
    }
  }

  /**
   * The arguments with those in keywords by position; null where there are none, or others than the next ones in the row's
   * order.
   */
  byPosition(args: readonly unknown[]): readonly unknown[] | null {
    try {
      const keywords = args[args.length - 1] as Record<string, unknown>;
      if (typeof keywords !== 'object' || keywords === null) return null;
      if (Object.getPrototypeOf(keywords) !== Object.prototype) return null;
      const given = args.slice(0, -1);
      let unused = Object.keys(keywords).length;
      for (; unused > 0 && given.length < this.#positions; unused--) {
        const value = keywords[this.#keywords[given.length] as string];
        if (value === undefined) return null;
        given.push(value);
      }
      return unused === 0 ? given : null;
    } catch {
      // A getter or a proxy of the caller's threw; what parses the call says so.
      return null;
    }
  }

  #parse(args: readonly unknown[]): ParsedCall<T> {
    const keywords = this.#keywordsOf(args);
    const given = keywords === undefined ? args : args.slice(0, -1);
    const { parameters } = this.#operation;
    const values: Normal<T>[] = new Array(parameters.length);
    const raw: unknown[] = [];
    const rest = this.#variadic === -1 ? undefined : given.slice(this.#variadic);
    if (rest === undefined && given.length > this.#positions) {
      throw this.#error(`expected at most ${plural(this.#positions, 'argument')}, received ${given.length}`);
    }
    for (let i = 0; i < parameters.length; i++) {
      const parameter = parameters[i] as Parameter;
      const keyword = this.#keywords[i] as string;
      if (i === this.#variadic) {
        values[i] = (rest ?? []).map((item) => this.#read(parameter, item));
        continue;
      }
      let value = i < this.#positions ? given[i] : undefined;
      const named = keywords?.[keyword];
      if (named !== undefined) {
        if (value !== undefined) throw this.#error(`"${keyword}" was given twice, by position and by name`);
        value = named;
      }
      if (this.guards) raw[i] = value;
      values[i] = value === undefined ? this.#fallback(i, parameter, keyword) : this.#read(parameter, value);
    }
    if (this.#index !== -1) this.#bound(values);
    for (const i of this.#shapes) this.#count(values[i], i);
    const unfit = this.#operands?.weaken(values);
    if (unfit !== undefined) throw this.#error(unfit);
    if (this.#values.length > 0) this.#type(values);
    if (this.guards) this.#require(values, raw);
    if (this.#operation.anyKeyword) values.push(this.#freeKeywords(keywords));
    return {
      values,
      stream: keywords === undefined ? undefined : this.#stream(keywords.stream),
      implementation:
        keywords === undefined
          ? undefined
          : checkedImplementation(keywords.implementation, this.#name, this.#host.addedBackends),
    };
  }

  #keywordsOf(args: readonly unknown[]): Record<string, unknown> | undefined {
    const last = args[args.length - 1];
    if (typeof last !== 'object' || last === null) return undefined;
    const prototype = Object.getPrototypeOf(last);
    if (prototype !== Object.prototype && prototype !== null) return undefined;
    if (isComplexLike(last)) return undefined;
    if (!this.#operation.anyKeyword) {
      for (const key of Object.keys(last)) {
        if (this.#keywords.includes(key) || OPTIONS.includes(key)) continue;
        const known = [...this.#keywords, ...OPTIONS];
        throw this.#error(`no argument is named "${key}"${didYouMean(key, known)}; known are ${known.join(', ')}`);
      }
    }
    return last as Record<string, unknown>;
  }

  #freeKeywords(keywords: Record<string, unknown> | undefined): Normal<T> {
    const free = Object.entries(keywords ?? {}).filter(([key]) => !OPTIONS.includes(key));
    const parameter = { name: 'keywords', kind: 'any', nullable: false, keywordOnly: true } as const;
    return this.#read(parameter, Object.fromEntries(free));
  }

  #fallback(i: number, parameter: Parameter, keyword: string): Normal<T> {
    if (parameter.kind === 'key') return this.#host.nextKey();
    const fallback = this.#fallbacks[i];
    if (fallback === undefined) throw this.#error(`expected an argument for "${keyword}", received nothing`);
    return fallback;
  }

  #read(parameter: Parameter, value: unknown): Normal<T> {
    if (value === null && parameter.nullable) return this.#ofNull(parameter);
    try {
      return READERS[parameter.kind](value, parameter, this.#host);
    } catch (error) {
      throw this.#mismatch(parameter, error);
    }
  }

  /** What null stands for: the key that comes next, the dtype of one that is left out, else nothing. */
  #ofNull(parameter: Parameter): Normal<T> {
    if (parameter.kind === 'key') return this.#host.nextKey();
    return parameter.kind === 'dtype' ? (fallbackValue(parameter) ?? null) : null;
  }

  #mismatch(parameter: Parameter, error: unknown): unknown {
    if (!(error instanceof Mismatch)) return error;
    const received = this.#host.isTensor(error.received) ? 'an array' : describeValue(error.received);
    return this.#error(`expected ${error.expected} for "${camelCase(parameter.name)}", received ${received}`);
  }

  #count(shape: Normal<T>, i: number): void {
    const problem = shape === null ? undefined : countable(shape as number[], this.#keywords[i] as string);
    if (problem !== undefined) throw this.#error(problem);
  }

  #require(values: readonly Normal<T>[], raw: readonly unknown[]): void {
    const { preconditions = [] } = this.#operation;
    const given = new GivenArguments(this.#host, this.#places, values, raw);
    for (const precondition of preconditions) {
      const problem = precondition(given);
      if (problem !== undefined) throw this.#error(problem);
    }
  }

  /** An index reaches the backends already held against the shape of the first argument. */
  #bound(values: Normal<T>[]): void {
    const shape = this.#host.shape(values[0] as T);
    const parameter = this.#operation.parameters[this.#index] as Parameter;
    const parts = values[this.#index] as readonly Normal<T>[];
    try {
      const unfolded = unfoldMasks(parts, shape, this.#host, parameter.mask === true);
      if (unfolded.length === 1 && isMask(unfolded[0], this.#host)) return;
      const toTensor = (list: IndexList) => this.#host.fromIntegers(list.flat, list.shape);
      const look = (part: Normal<T>) => (this.#host.isTensor(part) ? integersOf(part, this.#host) : undefined);
      values[this.#index] = boundIndex(unfolded, shape, toTensor, look);
    } catch (error) {
      throw this.#mismatch(parameter, error);
    }
  }

  /** Values take the dtype that the call asks for. */
  #type(values: Normal<T>[]): void {
    const at = this.#operation.parameters.findIndex((parameter) => parameter.kind === 'dtype');
    const given = at === -1 ? undefined : values[at];
    // With no dtype asked for, the result takes that of the array before the value.
    const dtype = given ?? (this.#host.isTensor(values[0]) ? this.#host.dtype(values[0]) : undefined);
    for (const i of this.#values) {
      const value = values[i];
      if (value === null || this.#host.isTensor(value)) continue;
      if (value instanceof ElementList) {
        values[i] = this.#created(value, dtype as Dtype);
        continue;
      }
      const scalar = weakScalar(value as number, dtype instanceof Dtype ? dtype : undefined);
      if (typeof scalar === 'string') throw this.#error(scalar);
      values[i] = scalar;
    }
  }

  #created(list: ElementList, beside: Dtype): T {
    const read = list.beside(beside);
    if (typeof read === 'string') throw this.#error(read);
    return this.#host.create(read.elements, list.shape, read.dtype);
  }

  #stream(value: unknown): StreamRef | undefined {
    if (value === undefined || value === null) return undefined;
    if (this.#host.isStream(value)) return value;
    throw this.#error(`expected a stream or a device (mx.cpu, mx.gpu) for "stream", received ${describeValue(value)}`);
  }

  #error(message: string): ArgumentError {
    return new ArgumentError(message, { operation: this.#name });
  }
}

/** Whether every parameter takes an array as it is, by position. */
function takesOnlyTensors({ parameters, anyKeyword }: Operation): boolean {
  const asItIs: ReadonlySet<Parameter['kind']> = new Set(['array', 'operand', 'value', 'key']);
  return (
    anyKeyword !== true &&
    parameters.every(({ kind, keywordOnly, variadic }) => asItIs.has(kind) && !keywordOnly && variadic !== true)
  );
}

function indicesOf(parameters: readonly Parameter[], kind: Parameter['kind']): number[] {
  return parameters.flatMap((parameter, i) => (parameter.kind === kind ? [i] : []));
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
