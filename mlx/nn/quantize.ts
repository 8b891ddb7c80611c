import { ArgumentError } from '../../foundation/errors/errors.ts';
import { isPlain } from '../../foundation/values/containers.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import { treeMapWithPath } from '../utils/trees.ts';
import type { QuantizeOptions } from './layers/quantized.ts';
import { Module } from './module.ts';

/** Whether a module is quantized, or how. */
export type QuantizePredicate = (path: string, module: Module) => boolean | QuantizeOptions;

export interface QuantizeModelOptions extends QuantizeOptions {
  /** By default every module that can be. */
  readonly classPredicate?: QuantizePredicate;
}

type Quantizable = Module & { toQuantized(options: QuantizeOptions): Module };

function isQuantizable(module: Module): module is Quantizable {
  return typeof (module as unknown as { readonly toQuantized?: unknown }).toQuantized === 'function';
}

/**
 * Puts quantized layers in the places of those that have a method `toQuantized`, as `nn.Linear` and `nn.Embedding`.
 * @throws ArgumentError where the predicate chooses a module that cannot be quantized; then nothing was changed.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary_functions/mlx.nn.quantize.html
 */
export function quantize(model: Module, options: QuantizeModelOptions = {}): void {
  const operation = 'nn.quantize';
  const names = ['groupSize', 'bits', 'mode', 'quantizeInput', 'classPredicate'] as const;
  const { classPredicate = (_: string, module: Module) => isQuantizable(module), ...how } =
    checkedOptions<QuantizeModelOptions>(options, names, operation);
  const replace = (path: string, module: Module): Module => {
    const chosen: unknown = classPredicate(path, module);
    if (chosen === false) return module;
    if (chosen !== true && !isPlain(chosen)) {
      throw new ArgumentError(`expected a boolean or options of the predicate, received ${describeValue(chosen)}`, {
        operation,
      });
    }
    if (!isQuantizable(module)) {
      throw new ArgumentError(`a ${module.constructor.name}, "${path}", cannot be quantized`, { operation });
    }
    return module.toQuantized(chosen === true ? how : (chosen as QuantizeOptions));
  };
  model.updateModules(treeMapWithPath<object>(replace as never, model.leafModules(), { isLeaf: Module.isModule }));
}
