import { ArgumentError } from '../../foundation/errors/errors.ts';
import { isPlain } from '../../foundation/values/containers.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { func, instance, or, signature } from '../arguments/signature.ts';
import { type QuantizationMode, type QuantizeOptions, quantizeKinds } from './layers/quantized.ts';
import { checkModule, Module } from './module.ts';
import { write } from './module-tree.ts';
import { placesOfLeafModules } from './places.ts';

/** Whether a module is quantized, or how. */
export type QuantizePredicate = (path: string, module: Module) => boolean | QuantizeOptions;

export interface QuantizeModelOptions extends QuantizeOptions {
  /** By default every module that can be. */
  readonly classPredicate?: QuantizePredicate | null;
}

type Quantizable = Module & { toQuantized(options: QuantizeOptions): Module };

function isQuantizable(module: Module): module is Quantizable {
  return typeof (module as unknown as { readonly toQuantized?: unknown }).toQuantized === 'function';
}

const quantizeArguments = signature(
  'nn.quantize',
  {
    model: instance(Module, 'a module (nn.Module)'),
    ...quantizeKinds,
    classPredicate: or(func<QuantizePredicate>(), null),
  },
  1,
);

/**
 * Puts quantized layers in the places of those that have a method `toQuantized`, as `nn.Linear` and `nn.Embedding`.
 * @throws ArgumentError where the predicate chooses a module that cannot be quantized; then nothing was changed.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary_functions/mlx.nn.quantize.html
 */
export function quantize(
  model: Module,
  groupSize?: number | null | QuantizeModelOptions,
  bits?: number | null | QuantizeModelOptions,
  mode?: QuantizationMode | QuantizeModelOptions,
  quantizeInput?: boolean | QuantizeModelOptions,
  classPredicate?: QuantizePredicate,
): void;
export function quantize(...args: unknown[]): void {
  const operation = 'nn.quantize';
  const { model, classPredicate: chooses, ...how } = quantizeArguments(args);
  checkModule(model, operation);
  const classPredicate = chooses ?? ((_: string, module: Module) => isQuantizable(module));
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
    const quantized: unknown = module.toQuantized(chosen === true ? how : (chosen as QuantizeOptions));
    checkModule(quantized, operation);
    return quantized;
  };
  const places = placesOfLeafModules(model, operation);
  const replaced = places.map(({ path, value }) => replace(path, value));
  places.forEach((place, i) => {
    const module = replaced[i];
    if (module !== place.value) write(place, module, 'module', operation);
  });
}
