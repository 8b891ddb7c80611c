import { bool, type Dtype } from '../../foundation/values/dtypes.ts';
import type { Element } from '../../foundation/values/values.ts';
import { weakScalar } from '../../foundation/values/weak.ts';
import type { Parameter } from '../parameters.ts';
import type { Normal, TensorHost } from './host.ts';

/** Gives the numbers among an operation's operands the dtype that Python's binding gives them. */
export class Operands<T extends object> {
  readonly #parameters: readonly Parameter[];
  readonly #host: TensorHost<T>;
  /** Those that may be numbers. */
  readonly #operands: readonly number[];
  /** Those whose dtype a number takes, the first tensor among them deciding. */
  readonly #deciding: readonly number[];

  constructor(parameters: readonly Parameter[], host: TensorHost<T>) {
    this.#parameters = parameters;
    this.#host = host;
    this.#operands = places(parameters, ({ kind }) => kind === 'operand');
    this.#deciding = places(parameters, ({ kind, apart }) => kind === 'array' || (kind === 'operand' && !apart));
  }

  /** Replaces the numbers by scalars, in place. @returns why one cannot be, else undefined. */
  weaken(values: Normal<T>[]): string | undefined {
    let beside: Dtype | undefined;
    let isKnown = false;
    for (const i of this.#operands) {
      const value = values[i];
      if (value === null || this.#host.isTensor(value)) continue;
      if (!isKnown) beside = this.#beside(values);
      isKnown = true;
      const scalar = weakScalar(value as Element, this.#parameters[i]?.apart ? undefined : beside);
      if (typeof scalar === 'string') return scalar;
      values[i] = scalar;
    }
    return undefined;
  }

  #beside(values: readonly Normal<T>[]): Dtype | undefined {
    for (const i of this.#deciding) {
      const value = values[i];
      if (this.#host.isTensor(value)) return this.#host.dtype(value);
    }
    // A condition alone says only that there is an array: an integral number is an integer.
    return this.#operands.some((i) => this.#host.isTensor(values[i])) ? bool : undefined;
  }
}

function places(parameters: readonly Parameter[], wanted: (parameter: Parameter) => boolean): number[] {
  return parameters.flatMap((parameter, i) => (wanted(parameter) ? [i] : []));
}
