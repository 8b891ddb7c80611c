import type { Operation } from '../../registry/operation.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';

type Method = (this: Tensor, ...args: unknown[]) => unknown;

/** A method that takes a list of numbers, or the numbers themselves: `x.reshape(2, 3)`, `x.transpose(1, 0)`. */
export function variadicMethod({ parameters }: Operation, call: (...args: unknown[]) => unknown): Method {
  const isRequired = parameters[1]?.fallback === undefined;
  return function (this: Tensor, ...args: unknown[]): unknown {
    const end = args.findIndex((argument) => typeof argument !== 'number');
    const numbers = end === -1 ? args : args.slice(0, end);
    const isList = numbers.length > 0 || (args.length === 0 && isRequired);
    return isList ? call(this, numbers, ...args.slice(numbers.length)) : call(this, ...args);
  };
}
