import { ArgumentError } from '../../foundation/errors/errors.ts';
import { isPlain } from '../../foundation/values/containers.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { func, instance, list, or, signature } from '../arguments/signature.ts';
import { treeFlatten, treeMerge, treeUnflatten } from '../utils/trees.ts';
import { Optimizer, type OptimizerState } from './optimizer.ts';

/** Whether a parameter, by its path and gradient, is the optimizer's. */
export type OptimizerFilter = (path: string, gradient: Tensor) => boolean;

const multiArguments = signature('optimizers.MultiOptimizer', {
  optimizers: list(instance(Optimizer, 'an optimizer'), 'a list of optimizers'),
  filters: or(list(func<OptimizerFilter>(), 'a list of functions'), [] as const),
});

interface MultiOptimizerOptions {
  readonly filters?: readonly OptimizerFilter[];
}

/** Several optimizers, each for the parameters that its filter lets through first; the last one for all that are left. */
export class MultiOptimizer extends Optimizer {
  readonly optimizers: readonly Optimizer[];
  readonly #filters: readonly OptimizerFilter[];

  constructor(optimizers: readonly Optimizer[], filters?: readonly OptimizerFilter[] | MultiOptimizerOptions);
  constructor(...args: unknown[]) {
    super();
    const { optimizers, filters } = multiArguments(args);
    if (optimizers.length === 0 || filters.length !== optimizers.length - 1) {
      throw new ArgumentError(
        `expected optimizers, and a filter for each but the last, received ${optimizers.length} and ${filters.length}`,
        {
          operation: 'optimizers.MultiOptimizer',
        },
      );
    }
    this.optimizers = optimizers;
    this.#filters = [...filters, () => true];
  }

  #split(tree: object): object[] {
    const parts: [string, Tensor][][] = this.optimizers.map(() => []);
    for (const [path, array] of treeFlatten<Tensor>(tree)) {
      parts[this.#filters.findIndex((filter) => filter(path, array))]?.push([path, array]);
    }
    return parts.map((part) => treeUnflatten<object>(part));
  }

  override init(parameters: object): void {
    const parts = this.#split(parameters);
    this.optimizers.forEach((optimizer, i) => {
      optimizer.init(parts[i] as object);
    });
  }

  override applyGradients(gradients: object, parameters: object): Record<string, unknown> {
    const parts = this.#split(gradients);
    return this.optimizers.reduce<Record<string, unknown>>(
      (tree, optimizer, i) => treeMerge(tree, optimizer.applyGradients(parts[i] as object, parameters)),
      {},
    );
  }

  override get state(): OptimizerState {
    return { states: this.optimizers.map(({ state }) => state) };
  }

  override set state(state: OptimizerState) {
    const states: unknown = isPlain(state) ? state['states'] : undefined;
    if (!Array.isArray(states) || states.length !== this.optimizers.length) {
      throw new ArgumentError(`expected { states }, a list of ${this.optimizers.length}`, {
        operation: 'optimizers.MultiOptimizer.state',
      });
    }
    this.optimizers.forEach((optimizer, i) => {
      optimizer.state = states[i] as OptimizerState;
    });
  }

  override get learningRate(): Tensor {
    return (this.optimizers[0] as Optimizer).learningRate;
  }

  override set learningRate(value: number | Tensor) {
    for (const optimizer of this.optimizers) optimizer.learningRate = value;
  }
}
