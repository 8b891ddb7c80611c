import { checkedOptions } from '../../registry/arguments/options.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { atleast1d as one, atleast3d as three, atleast2d as two } from '../generated/core/shape.ts';
import type { array, CallOptions } from '../types.ts';

interface AtLeast {
  (a: array, options?: CallOptions): array;
  /** Of several tensors, a list. */
  (...arys: array[]): array[];
  (...arysAndOptions: [...arys: array[], options: CallOptions]): array[];
}

/** Python's takes any number of tensors, and gives a list unless it is one. */
function ofSeveral(name: string, convert: (a: array, options?: CallOptions) => array): AtLeast {
  const each = (...args: unknown[]): array | array[] => {
    const last = args.at(-1);
    const prototype = typeof last === 'object' && last !== null ? Object.getPrototypeOf(last) : undefined;
    const withOptions = prototype === Object.prototype || prototype === null;
    const given = withOptions ? last : {};
    const options = checkedOptions<CallOptions>(given, ['stream', 'implementation'], `mx.${name}`);
    const arrays = (withOptions ? args.slice(0, -1) : args) as Tensor[];
    return arrays.length === 1 ? convert(arrays[0] as Tensor, options) : arrays.map((a) => convert(a, options));
  };
  return each as AtLeast;
}

/** Tensors with at least one axis: one, or a list of several. */
export const atleast1d: AtLeast = ofSeveral('atleast1d', one);
/** Tensors with at least two axes: one, or a list of several. */
export const atleast2d: AtLeast = ofSeveral('atleast2d', two);
/** Tensors with at least three axes: one, or a list of several. */
export const atleast3d: AtLeast = ofSeveral('atleast3d', three);
