import type { Dtype } from '../../foundation/values/dtypes.ts';
import { type Argument, type Element, Handle, type Result, type Scalar } from '../../foundation/values/values.ts';

/** An argument of a C function. null: no tensor, no list, or an empty optional number. */
export type CArgument =
  | Handle
  | Scalar
  | Dtype
  | number
  | bigint
  | boolean
  | string
  | null
  | readonly number[]
  | readonly (Handle | Scalar)[];

/** Calls an mlx-c function by its name without `mlx_`; arguments in C's order, the stream is appended. */
export type CFunctions = (name: string, ...args: readonly CArgument[]) => Result;

/** What a lowering may ask about its tensors. */
export interface LoweringContext {
  shape(tensor: Handle): readonly number[];
  dtype(tensor: Handle): Dtype;
  /** At the end of a call: lets go of the tensors that were asked about. */
  forget(): void;
  scalar(value: Element, dtype: Dtype): Handle;
  /** An int32 tensor from row-major integers. */
  integers(values: readonly number[], shape: readonly number[]): Handle;
}

/** An operation that is not one C function with the same parameters, in terms of those that there are. */
export type Lowering = (c: CFunctions, args: readonly Argument[], context: LoweringContext) => Result;

export type Lowerings = Readonly<Record<string, Lowering>>;

/** For a C function with one tensor as its result. */
export function single(result: Result): Handle {
  if (result instanceof Handle) return result;
  throw new TypeError('expected one tensor as the result');
}

/** For a C function with several tensors as its result. */
export function several(result: Result): Handle[] {
  if (Array.isArray(result)) return result as Handle[];
  throw new TypeError('expected several tensors as the result');
}

/** Throws as the addon does where MLX itself refuses a call; the words are MLX's own wherever it has some. */
export function refuse(message: string): never {
  throw Object.assign(new Error(message), { code: 'ERR_MLX_OPERATION' });
}

/** 0, 1, … up to the count. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** A number as a list of one. */
export function listed(value: number | readonly number[]): readonly number[] {
  return typeof value === 'number' ? [value] : value;
}
