import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import * as mx from '../core.ts';
import { treeFlatten, treeUnflatten } from '../utils/trees.ts';
import { checkModule, type Module, type ParameterTree } from './module.ts';

type AnyFunction = (...args: never[]) => unknown;

/** A module's trainable parameters: each array once, with all its paths, for weights may be shared. */
class Trainable {
  readonly arrays: Tensor[] = [];
  readonly #model: Module;
  readonly #paths: [string, number][] = [];

  constructor(model: Module) {
    this.#model = model;
    const places = new Map<Tensor, number>();
    for (const [path, array] of treeFlatten<Tensor>(model.trainableParameters())) {
      let place = places.get(array);
      if (place === undefined) {
        place = this.arrays.push(array) - 1;
        places.set(array, place);
      }
      this.#paths.push([path, place]);
    }
  }

  /** The tree with other arrays in the places of these. */
  tree(arrays: readonly Tensor[]): ParameterTree {
    return treeUnflatten(this.#paths.map(([path, place]) => [path, arrays[place]] as const));
  }

  /** Runs with the arrays of a trace in the module, which has its own again afterwards, whatever happens. */
  within<T>(arrays: readonly Tensor[], run: () => T): T {
    this.#model.update(this.tree(arrays));
    try {
      return run();
    } finally {
      this.#model.update(this.tree(this.arrays));
    }
  }
}

/**
 * A function of the same arguments that gives the value of `fn` and its gradients by the trainable parameters of the
 * model, as a tree like `model.trainableParameters()`. `fn` gives a scalar array, alone or first in a list. What is shared
 * by several places of the model has its whole gradient at each.
 *
 * ```ts
 * const step = nn.valueAndGrad(model, (x: mx.Array, y: mx.Array) => nn.losses.mseLoss(model.forward(x), y));
 * const [loss, gradients] = step(x, y);
 * optimizer.update(model, gradients);
 * ```
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary_functions/mlx.nn.value_and_grad.html
 */
export function valueAndGrad<Fn extends AnyFunction>(
  model: Module,
  fn: Fn,
): (...args: Parameters<Fn>) => [ReturnType<Fn>, ParameterTree] {
  const operation = 'nn.valueAndGrad';
  checkModule(model, operation);
  if (typeof fn !== 'function') {
    throw new ArgumentError(`expected a function, received ${describeValue(fn)}`, { operation });
  }
  return (...args) => {
    const trainable = new Trainable(model);
    if (trainable.arrays.length === 0) {
      throw new ArgumentError('expected a model with parameters that are not frozen', { operation });
    }
    const run = (arrays: readonly Tensor[], ...rest: unknown[]) =>
      trainable.within(arrays, () => (fn as AnyFunction)(...(rest as never[])));
    const [value, gradients] = mx.valueAndGrad<unknown, Tensor[]>(run as AnyFunction)(trainable.arrays, ...args);
    return [value as ReturnType<Fn>, trainable.tree(gradients)];
  };
}

type Forward<M extends Module> = (...args: Parameters<M['forward']>) => ReturnType<M['forward']>;

/**
 * A function that does what the module's `forward`, or `fn`, does, and computes it again for its gradient instead of
 * keeping what it needs.
 */
export function checkpoint<M extends Module>(module: M): Forward<M>;
export function checkpoint<Fn extends AnyFunction>(module: Module, fn: Fn): Fn;
export function checkpoint(module: Module, fn?: AnyFunction): (...args: unknown[]) => unknown {
  const operation = 'nn.utils.checkpoint';
  checkModule(module, operation);
  if (fn !== undefined && typeof fn !== 'function') {
    throw new ArgumentError(`expected a function, received ${describeValue(fn)}`, { operation });
  }
  const call = (fn ?? module.forward.bind(module)) as (...args: unknown[]) => unknown;
  return (...args) => {
    const trainable = new Trainable(module);
    const run = (arrays: readonly Tensor[], ...rest: unknown[]) => trainable.within(arrays, () => call(...rest));
    return mx.checkpoint(run as AnyFunction as (...args: unknown[]) => unknown)(trainable.arrays, ...args);
  };
}
