import type { AddedBackend, Implementation } from '../../foundation/errors/errors.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import type { Element, Scalar, StreamRef } from '../../foundation/values/values.ts';

/** What normalising needs to know of tensors, which live in a room above this one. */
export interface TensorHost<T extends object> {
  isTensor(value: unknown): value is T;
  dtype(tensor: T): Dtype;
  shape(tensor: T): readonly number[];
  create(elements: readonly Element[], shape: readonly number[], dtype: Dtype): T;
  /** The elements, which evaluates the tensor; undefined where a transform is tracing and it has none yet. */
  elements(tensor: T): readonly Element[] | undefined;
  /** Whether a transform is tracing: what is called now may be differentiated, or mapped over. */
  readonly isTracing: boolean;
  /** Whether index tensors are looked into, which evaluates them. */
  readonly checksBounds: boolean;
  /** Where a boolean tensor is true: one int32 tensor for each of its dimensions. Evaluates it. */
  places(mask: T): T[];
  /** A tensor of int32 with those elements. */
  fromIntegers(values: readonly number[], shape: readonly number[]): T;
  /** The next key of the global random sequence. */
  nextKey(): T;
  isStream(value: unknown): value is StreamRef;
  /** The backends that a call may ask for beside native and python. */
  readonly addedBackends?: readonly AddedBackend[];
}

/** The argument of one call after normalising, with tensors in place of handles. */
export type Normal<T> =
  | T
  | Scalar
  | object
  | number
  | bigint
  | boolean
  | string
  | null
  | undefined
  | readonly Normal<T>[];

export interface ParsedCall<T> {
  /** One for each parameter of the operation, in order; behind them the keywords where it takes any. */
  readonly values: Normal<T>[];
  readonly stream: StreamRef | undefined;
  readonly implementation: Implementation | undefined;
}
