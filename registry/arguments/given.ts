import type { Dtype } from '../../foundation/values/dtypes.ts';
import type { Element } from '../../foundation/values/values.ts';
import type { Normal, TensorHost } from './host.ts';
import { flatten } from './nested.ts';
import type { Given } from './preconditions/precondition.ts';

/** The elements of an index tensor, where those are looked into. */
export function integersOf<T extends object>(tensor: T, host: TensorHost<T>): readonly number[] | undefined {
  return host.checksBounds ? host.elements(tensor)?.map(Number) : undefined;
}

/** What the preconditions of a row look at. Every guarded call makes one, so it makes nothing that none of them asks for. */
export class GivenArguments<T extends object> implements Given {
  readonly #host: TensorHost<T>;
  readonly #places: ReadonlyMap<string, number>;
  readonly #values: readonly Normal<T>[];
  readonly #raw: readonly unknown[];

  /** @param places where each parameter is, by its name */
  constructor(
    host: TensorHost<T>,
    places: ReadonlyMap<string, number>,
    values: readonly Normal<T>[],
    raw: readonly unknown[],
  ) {
    this.#host = host;
    this.#places = places;
    this.#values = values;
    this.#raw = raw;
  }

  get traced(): boolean {
    return this.#host.isTracing;
  }

  value(name: string): Normal<object> {
    return this.#values[this.#at(name)];
  }

  shape(name: string): readonly number[] {
    return this.#host.shape(this.#values[this.#at(name)] as T);
  }

  shapeOf(tensor: object): readonly number[] {
    return this.#host.shape(tensor as T);
  }

  dtypeOf(tensor: object): Dtype {
    return this.#host.dtype(tensor as T);
  }

  elements(tensor: object): readonly Element[] | undefined {
    return this.#host.elements(tensor as T);
  }

  integers(name: string): readonly number[] | undefined {
    const value = this.#values[this.#at(name)];
    const raw = this.#raw[this.#at(name)];
    if (this.#host.isTensor(raw) && this.#host.isTensor(value)) return integersOf(value, this.#host);
    const nested = flatten(raw);
    if (typeof nested === 'string' || typeof nested.flat[0] !== 'number') return undefined;
    return nested.flat as number[];
  }

  /** -1, where there is nothing, for a row without such a parameter: preconditions are shared between rows. */
  #at(name: string): number {
    return this.#places.get(name) ?? -1;
  }
}
