import { ArgumentError } from '../../foundation/errors/errors.ts';
import { childKeys } from '../../foundation/values/containers.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import * as mx from '../core.ts';
import { checkModule, type Module, type ParameterTree } from './module.ts';

type AnyFunction = (...args: never[]) => unknown;

type Node = Record<string | number, unknown>;

/** A module's trainable parameters: each array once, with all its places, for weights may be shared. */
class Trainable {
  readonly arrays: Tensor[] = [];
  readonly #tree: ParameterTree;
  readonly #numbers = new Map<Tensor, number>();
  readonly #places: { readonly node: Node; readonly key: string | number; readonly number: number }[] = [];

  constructor(model: Module) {
    this.#tree = model.trainableParameters();
    this.#find(this.#tree, model as unknown as Node);
  }

  #find(tree: object, node: Node): void {
    for (const key of childKeys(tree) ?? []) {
      const part = (tree as Node)[key];
      if (part instanceof Tensor) this.#places.push({ node, key, number: this.#numberOf(part) });
      else this.#find(part as object, node[key] as Node);
    }
  }

  #numberOf(array: Tensor): number {
    let number = this.#numbers.get(array);
    if (number === undefined) {
      number = this.arrays.push(array) - 1;
      this.#numbers.set(array, number);
    }
    return number;
  }

  /** The tree with other arrays in the places of these. */
  tree(arrays: readonly Tensor[]): ParameterTree {
    const copy = (part: unknown): unknown => {
      if (part instanceof Tensor) return arrays[this.#numberOf(part)];
      if (Array.isArray(part)) return part.map(copy);
      return Object.fromEntries(Object.entries(part as Node).map(([key, value]) => [key, copy(value)]));
    };
    return copy(this.#tree) as ParameterTree;
  }

  /** Runs with the arrays of a trace in the module, which has its own again afterwards, whatever happens. */
  within<T>(arrays: readonly Tensor[], run: () => T): T {
    try {
      this.#put(arrays);
      return run();
    } finally {
      this.#put(this.arrays);
    }
  }

  #put(arrays: readonly Tensor[]): void {
    for (const { node, key, number } of this.#places) {
      if (!Reflect.set(node, key, arrays[number])) {
        throw new ArgumentError(`the parameter "${key}" cannot be written: what holds it is frozen`, {
          operation: 'nn.valueAndGrad',
        });
      }
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
