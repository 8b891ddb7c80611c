import { ArgumentError } from '../../foundation/errors/errors.ts';
import { isInexact } from '../../foundation/values/dtypes.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { camelCase } from '../../registry/naming.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { isTensor, type Tensor } from '../../router/tensors/tensor.ts';
import { router } from '../../runtime/runtime.ts';
import { bind } from '../operations/bind.ts';

type Call = (...args: unknown[]) => Tensor;

/** The method that gives its array the operation's result: another shape and dtype, if so; its name ends in `_`. */
export function inPlaceMethod(operation: Operation): (this: Tensor, ...args: unknown[]) => Tensor {
  const call = bind(qualifiedName(operation)) as Call;
  const name = `${camelCase(operation.name)}_`;
  const method = function (this: Tensor, ...args: unknown[]): Tensor {
    if (!isTensor(this)) {
      throw new ArgumentError(`expected to be called on an array (mx.array), not on ${describeValue(this)}`, {
        operation: `mx.array.${name}`,
      });
    }
    if (operation.inPlace === 'inexact') refuseIntegers(this, name);
    router.residency.replace(this, call(this, ...args));
    return this;
  };
  return Object.defineProperty(method, 'name', { value: name });
}

/** As in Python: the array would become one of floats. */
function refuseIntegers(tensor: Tensor, name: string): void {
  const { dtype } = router.info(tensor);
  if (isInexact(dtype)) return;
  throw new ArgumentError(
    `expected an array of floats to divide in place, received ${dtype}; write x = x.divide(y), or x.floorDivide_(y)`,
    { operation: `mx.array.${name}` },
  );
}
