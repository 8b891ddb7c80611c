import type { Tensor } from '../router/tensor.ts';
import { bind } from './bind.ts';
import type { ArrayMethods } from './generated/methods.ts';
import type { CallOptions } from './types.ts';

/** The methods that take a list of numbers, or the numbers themselves: `x.reshape(2, 3)`, `x.transpose(1, 0)`. */
export interface VariadicMethods {
  readonly reshape: ArrayMethods['reshape'] & Numbers;
  readonly transpose: ArrayMethods['transpose'] & Numbers;
}

interface Numbers {
  (...numbers: number[]): Tensor;
  (...numbersAndOptions: [...numbers: number[], options: CallOptions]): Tensor;
}

type Call = (...args: unknown[]) => Tensor;

function gathering(name: string): (this: Tensor, ...args: unknown[]) => Tensor {
  const call = bind(name) as Call;
  const method = function (this: Tensor, ...args: unknown[]): Tensor {
    const end = args.findIndex((argument) => typeof argument !== 'number');
    const numbers = end === -1 ? args : args.slice(0, end);
    const isList = numbers.length > 0 || (args.length === 0 && name === 'reshape');
    return isList ? call(this, numbers, ...args.slice(numbers.length)) : call(this, ...args);
  };
  return Object.defineProperty(method, 'name', { value: name });
}

export function variadicMethods(): [name: string, method: (this: Tensor, ...args: unknown[]) => Tensor][] {
  return ['reshape', 'transpose'].map((name) => [name, gathering(name)]);
}
