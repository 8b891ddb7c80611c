import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { isListOf } from '../../registry/arguments/long-lists.ts';
import { refuseMore } from '../../registry/arguments/options.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import { isTensor, type Tensor } from '../../router/tensors/tensor.ts';
import { router } from '../../runtime/runtime.ts';
import { type AnyFunction, checkFunction, checkSynchronous } from './function.ts';

const MOST_ARRAYS = 2 ** 20;

/** `all` that came, this among it. */
function arraysOf(value: unknown, name: string, operation: string, all: readonly unknown[]): Tensor[] {
  if (isListOf(MOST_ARRAYS, value, isTensor)) return value;
  disregard(all);
  throw new ArgumentError(`expected a list of arrays for "${name}", received ${describeValue(value)}`, { operation });
}

function outputsOf(result: unknown, operation: string): Tensor[] {
  if (isTensor(result)) return [result];
  if (isListOf(MOST_ARRAYS, result, isTensor)) return result;
  throw new ArgumentError(`expected the function to give arrays, received ${describeValue(result)}`, { operation });
}

function product(which: 'vjp' | 'jvp', fun: unknown, primals: unknown, others: unknown, name: string) {
  const operation = `mx.${which}`;
  checkFunction(fun, operation);
  const at = arraysOf(primals, 'primals', operation, [primals, others]);
  const along = arraysOf(others, name, operation, [primals, others]);
  return router.transforming.run(fun, operation, undefined, (transformer): [Tensor[], Tensor[]] => {
    const run = transformer.traced((inputs) => outputsOf(checkSynchronous(fun(...inputs), operation), operation));
    const [outputs, products] = transformer.transforms[which](run, transformer.handles(at), transformer.handles(along));
    return [transformer.wrap(outputs), transformer.wrap(products)];
  });
}

/**
 * The outputs of `fun` at the primals, and the products of the cotangents with its Jacobian: one for each primal.
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.vjp.html
 */
export function vjp(
  fun: AnyFunction,
  primals: readonly Tensor[],
  cotangents: readonly Tensor[],
  ...more: never[]
): [Tensor[], Tensor[]] {
  refuseMore(more, 'mx.vjp');
  return product('vjp', fun, primals, cotangents, 'cotangents');
}

/**
 * The outputs of `fun` at the primals, and the products of its Jacobian with the tangents: one for each output.
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.jvp.html
 */
export function jvp(
  fun: AnyFunction,
  primals: readonly Tensor[],
  tangents: readonly Tensor[],
  ...more: never[]
): [Tensor[], Tensor[]] {
  refuseMore(more, 'mx.jvp');
  return product('jvp', fun, primals, tangents, 'tangents');
}
