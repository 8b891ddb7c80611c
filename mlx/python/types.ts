import type { Keywords, PythonValue } from '../../backend/remote-objects.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import type { Complex } from '../../foundation/values/values.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';

type IsAny<T> = 0 extends 1 & T ? true : false;

declare const BY_VALUE: unique symbol;

/** In the description of a module: a dict with these keys, which comes by value. `Record<string, T>` does too. */
export type ByValue<T> = T & { readonly [BY_VALUE]: true };

type Plain = null | undefined | boolean | number | bigint | string | Uint8Array | Complex | Dtype | Tensor;

/** What awaiting a value gives: plain data and arrays as they are, anything else by reference. */
export type Value<T> =
  IsAny<T> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: a module without a description is not typed.
      any
    : T extends Plain
      ? T
      : T extends ByValue<infer Data>
        ? Data
        : T extends readonly (infer Item)[]
          ? Value<Item>[]
          : T extends ReadonlyMap<infer Key, infer Item>
            ? Map<Value<Key>, Value<Item>>
            : T extends ReadonlySet<infer Item>
              ? Set<Value<Item>>
              : T extends Iterable<infer Item> | AsyncIterable<infer Item>
                ? RemoteIterable<Item>
                : string extends keyof T
                  ? { [Key in keyof T]: Value<T[Key]> }
                  : T extends object
                    ? Remote<T>
                    : T;

/** An iterable or a generator in Python; leaving the loop closes a generator. */
export interface RemoteIterable<Item> extends AsyncIterable<Value<Item>>, Disposable {}

/** What a call gives, to be awaited or gone over. */
export type Answer<Result> = Promise<Value<Awaited<Result>>> & AsyncIterable<ItemOf<Result>>;

type ItemOf<Result> =
  IsAny<Result> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: a module without a description is not typed.
      any
    : Awaited<Result> extends Iterable<infer Item> | AsyncIterable<infer Item>
      ? Value<Item>
      : never;

type Given<Args extends readonly unknown[]> = {
  [Index in keyof Args]: Args[Index] | PythonValue | (Args[Index] extends object ? Remote<Args[Index]> : never);
};

type Called<T> = T extends (...args: infer Args) => infer Result
  ? {
      (...args: Given<Args>): Answer<Result>;
      (...args: [...unknown[], Keywords]): Answer<Result>;
    }
  : unknown;

type Constructed<T> = T extends abstract new (
  ...args: infer Args
) => infer Instance
  ? {
      new (...args: Given<Args>): Answer<Instance>;
      new (...args: [...unknown[], Keywords]): Answer<Instance>;
    }
  : unknown;

type Attributes<T> = { readonly [Name in keyof T as Name extends string ? Name : never]: Path<T[Name]> };

/** An attribute that is not read so far: await it, call it, or go on from it. */
export type Path<T> =
  IsAny<T> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: a module without a description is not typed.
      any
    : PromiseLike<Value<T>> & (T extends object ? Members<T> : unknown);

type Members<T> = Attributes<T> & Called<T> & Constructed<T>;

/** An object in Python, from a description with the signatures that it has there. */
export type Remote<T> =
  IsAny<T> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: a module without a description is not typed.
      any
    : Members<T> & Disposable;
