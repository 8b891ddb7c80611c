import { ArgumentError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { KEYS } from '../../foundation/values/containers.ts';
import { Dtype } from '../../foundation/values/dtypes.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedFlag, checkedOptions } from '../../registry/arguments/options.ts';
import { didYouMean } from '../../registry/naming.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { list, text } from '../arguments/signature.ts';
import { floating, issubdtype } from '../arrays/dtypes.ts';
import { checkFunction } from '../transforms/function.ts';
import {
  filterAndMap,
  heldBy,
  isArray,
  isNode,
  isPart,
  type ModuleFilter,
  replaceIn,
  walkOfModules,
} from './module-tree.ts';
import { indent } from './repr.ts';
import { loadWeights, saveWeights, type Weights } from './weights.ts';

/** Arrays in nested lists and plain objects, as `parameters()` gives them. */
export interface ParameterTree {
  [name: string]: Tensor | ParameterTree | ParameterTree[] | Tensor[];
}

export interface FreezeOptions {
  /** The modules inside as well. Default: true. */
  readonly recurse?: boolean | undefined;
  /** The names of the parameters; default: all. */
  readonly keys?: string | readonly string[] | undefined;
  /** Whether a name that there is nowhere is an error. Default: false. */
  readonly strict?: boolean | undefined;
}

export interface StrictOptions {
  /** Whether what has no place in the module is an error. */
  readonly strict?: boolean | undefined;
}

const namesKind = list(text, 'a list of names');
const isModule = (value: unknown): value is Module => Module.isModule(value);

/**
 * The base of all layers and models. A subclass has its arrays and layers in fields, in lists or plain objects if need
 * be, and a method `forward`:
 *
 * ```ts
 * import type { core as mx } from 'mlx-router';
 * import * as nn from 'mlx-router/nn';
 *
 * class Classifier extends nn.Module {
 *   hidden = new nn.Linear(784, 128);
 *   output = new nn.Linear(128, 10);
 *
 *   override forward(x: mx.Array) {
 *     return this.output.forward(nn.relu(this.hidden.forward(x)));
 *   }
 * }
 * ```
 *
 * The names of the fields are the names of the parameters, in files of weights too: `hidden.weight`. Arrays in fields
 * whose name begins with `_`, and all private `#fields`, are no parameters.
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/module.html
 */
export class Module {
  #frozen = new Set<string>();
  #training = true;

  /** What the module computes. */
  forward(..._: never[]): unknown {
    throw new UnsupportedOperationError(`${this.constructor.name} has no forward method`, {
      operation: `${this.constructor.name}.forward`,
    });
  }

  /** Whether it is in training mode, in which dropout drops and batch normalization learns. */
  get training(): boolean {
    return this.#training;
  }

  /** The module itself, as what `mx.compile` captures, `mx.eval` computes, or `mx.tidy` keeps. */
  get state(): this {
    return this;
  }

  /** The fields that are part of its tree: arrays, modules, and lists and plain objects that hold some. */
  [KEYS](): readonly string[] {
    return Object.keys(this).filter((key) => isPart((this as Record<string, unknown>)[key]));
  }

  /** Whether a field of that name is part of its tree. */
  has(key: string): boolean {
    return typeof key === 'string' && Object.hasOwn(this, key) && isPart((this as Record<string, unknown>)[key]);
  }

  /** Whether a constructor of this class made it. */
  static isModule(value: unknown): value is Module {
    return typeof value === 'object' && value !== null && #frozen in value;
  }

  static validChildFilter(_module: Module, _key: string, value: unknown): boolean {
    return isNode(value) && isPart(value);
  }

  static validParameterFilter(_module: Module, key: string, value: unknown): boolean {
    return isPart(value) && !(typeof key === 'string' && key.startsWith('_'));
  }

  static trainableParameterFilter(module: Module, key: string, value: unknown): boolean {
    checkModule(module, 'nn.Module.trainableParameterFilter');
    return Module.validParameterFilter(module, key, value) && !module.#frozen.has(key);
  }

  /**
   * The part of its tree that `filter` lets through, each leaf replaced by what `map` gives for it.
   * @param isLeaf what is not gone into; by default what is neither module, list nor plain object.
   */
  filterAndMap(
    filter: ModuleFilter,
    map: ((value: never) => unknown) | null = null,
    isLeaf: ModuleFilter | null = null,
  ): Record<string, unknown> {
    const operation = 'nn.Module.filterAndMap';
    checkFunction(filter, operation, 'filter');
    if (map !== null) checkFunction(map, operation, 'map');
    if (isLeaf !== null) checkFunction(isLeaf, operation, 'isLeaf');
    const mapLeaf = (map ?? ((value: unknown) => value)) as (value: unknown) => unknown;
    return filterAndMap(this, { isModule, filter, map: mapLeaf, isLeaf: isLeaf ?? ((_, __, value) => !isNode(value)) });
  }

  /** All its arrays, but those in fields that begin with `_`. */
  parameters(): ParameterTree {
    return this.filterAndMap(Module.validParameterFilter) as ParameterTree;
  }

  /** Its parameters that are not frozen. */
  trainableParameters(): ParameterTree {
    return this.filterAndMap(Module.trainableParameterFilter) as ParameterTree;
  }

  /** The modules that it holds itself, in the lists and objects that hold them. */
  children(): Record<string, unknown> {
    return this.filterAndMap(Module.validChildFilter, null, (_, __, value) => isModule(value));
  }

  /** Those modules inside that hold no others. */
  leafModules(): Record<string, unknown> {
    const isLeaf = (_: Module, __: string, value: unknown) => isModule(value) && heldBy(value, isModule).length === 0;
    return this.filterAndMap(Module.validChildFilter, null, isLeaf);
  }

  /**
   * Puts other arrays in the places of its parameters: of those that the tree has.
   * @throws ArgumentError for a place that it does not have, or what is no array, if `strict`, the default; then nothing
   * was changed.
   */
  update(parameters: object, options: StrictOptions | boolean = {}): this {
    const operation = 'nn.Module.update';
    replaceIn(this, parameters, {
      operation,
      what: 'parameter',
      strict: strictOf(options, true, operation),
      isTarget: isArray,
      isReplacement: isArray,
      expected: 'an array (mx.array)',
    });
    return this;
  }

  /** Replaces each parameter, or those that `filter` lets through, by what `map` gives for it. */
  apply(map: (array: Tensor) => Tensor, filter: ModuleFilter | null = null): this {
    checkFunction(map, 'nn.Module.apply', 'map');
    if (filter !== null) checkFunction(filter, 'nn.Module.apply', 'filter');
    return this.update(this.filterAndMap(filter ?? Module.validParameterFilter, map));
  }

  /**
   * Puts other modules in the places of those inside: of those that the tree has.
   * @throws ArgumentError for a place that it does not have, or what is no module, if `strict`, the default.
   */
  updateModules(modules: object, options: StrictOptions | boolean = {}): this {
    const operation = 'nn.Module.updateModules';
    replaceIn(this, modules, {
      operation,
      what: 'module',
      strict: strictOf(options, true, operation),
      isTarget: isModule,
      isReplacement: isModule,
      expected: 'a module (nn.Module)',
    });
    return this;
  }

  /** Calls the function with the path and the module, of itself, whose path is '', and of all inside. */
  applyToModules(apply: (path: string, module: Module) => unknown): this {
    checkFunction(apply, 'nn.Module.applyToModules', 'apply');
    const limit = walkOfModules('nn.Module');
    const pending: [string, Module, number][] = [['', this, 0]];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [prefix, module, depth] = next;
      limit.enter(module, depth);
      apply(prefix, module);
      for (const [path, child] of heldBy(module, isModule)) {
        pending.push([prefix === '' ? path : `${prefix}.${path}`, child, depth + 1]);
      }
    }
    return this;
  }

  /** Itself and all modules inside. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** Itself and all modules inside, each with its path: `['layers.0', module]`. */
  namedModules(): [string, Module][] {
    const named: [string, Module][] = [];
    this.applyToModules((path, module) => named.push([path, module]));
    return named;
  }

  /** Parameters that get no gradients from now on: all, or those of the names, here and in the modules inside. */
  freeze(options: FreezeOptions = {}): this {
    return this.#setFrozen(options, 'nn.Module.freeze', (module, keys) => {
      const names = keys ?? module.#ownParameters();
      for (const key of names) module.#frozen.add(key);
    });
  }

  /** Takes back `freeze`. */
  unfreeze(options: FreezeOptions = {}): this {
    return this.#setFrozen(options, 'nn.Module.unfreeze', (module, keys) => {
      const fixed = module.fixedParameters;
      for (const key of keys ?? module.#frozen) if (!fixed.includes(key)) module.#frozen.delete(key);
    });
  }

  /** Parameters that `unfreeze` leaves frozen. */
  protected get fixedParameters(): readonly string[] {
    return [];
  }

  #setFrozen(
    options: FreezeOptions,
    operation: string,
    set: (module: Module, keys: readonly string[] | undefined) => void,
  ): this {
    const { recurse, keys, strict } = checkedOptions<FreezeOptions>(options, ['recurse', 'keys', 'strict'], operation);
    const names = namesOf(keys, operation);
    const isDeep = recurse === undefined || checkedFlag(recurse, 'recurse', operation);
    if (strict !== undefined && checkedFlag(strict, 'strict', operation)) {
      const modules = isDeep ? this.modules() : [this];
      const missing = names?.find((name) => !modules.some((module) => module.has(name)));
      if (missing !== undefined) {
        const known = modules.flatMap((module) => module[KEYS]());
        throw new ArgumentError(`there is no parameter "${missing}"${didYouMean(missing, known)}`, { operation });
      }
    }
    if (isDeep) this.applyToModules((_, module) => set(module, names));
    else set(this, names);
    return this;
  }

  /** The paths of the arrays that it holds itself, in lists and plain objects too. */
  #ownParameters(): string[] {
    return heldBy(this, isArray)
      .map(([path]) => path)
      .filter((path) => !path.startsWith('_'));
  }

  /** Puts it and all modules inside in training mode, or, of `false`, in evaluation mode. */
  train(mode = true): this {
    const isTraining = checkedFlag(mode, 'mode', 'nn.Module.train');
    return this.applyToModules((_, module) => module.setTraining(isTraining));
  }

  /** What `train` and `eval` do with each module. */
  protected setTraining(isTraining: boolean): void {
    this.#training = isTraining;
  }

  /** Puts it and all modules inside in evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Gives its parameters another dtype: those whose own the predicate is true for, by default those of floating-point
   * numbers; `null` is all.
   */
  setDtype(dtype: Dtype, predicate: ((dtype: Dtype) => boolean) | null = (own) => issubdtype(own, floating)): this {
    const operation = 'nn.Module.setDtype';
    if (!(dtype instanceof Dtype)) {
      throw new ArgumentError(`expected a dtype, received ${describeValue(dtype)}`, { operation });
    }
    if (predicate !== null) checkFunction(predicate, operation, 'predicate');
    return this.apply((array) => (predicate === null || predicate(array.dtype) ? array.astype(dtype) : array));
  }

  /**
   * Takes its parameters from a file, `.safetensors` or `.npz`, or from pairs of path and array.
   * @throws ArgumentError, if `strict`, the default, that lists all parameters that are missing, that there are besides,
   * and whose shape differs; then nothing was changed.
   */
  loadWeights(weights: Weights, options: StrictOptions | boolean = {}): this {
    loadWeights(this, weights, strictOf(options, true, 'nn.Module.loadWeights'));
    return this;
  }

  /** Writes its parameters to a file, `.safetensors` or `.npz`, whole or not at all. */
  saveWeights(file: string): void {
    saveWeights(this, file);
  }

  /** The name of its class, as it is printed. */
  protected className(): string {
    return this.constructor.name;
  }

  /** What stands between the brackets when it is printed. */
  protected extraRepr(): string {
    return '';
  }

  /** As Python prints it: a line for each module inside. */
  toString(): string {
    // One that holds itself fails here, before it is printed for ever.
    const children = this.namedModules().length > 1 ? heldBy(this, isModule) : [];
    const lines = children.map(([path, child]) => `\n${indent(`(${path}): ${child.toString()}`)}`);
    const end = children.length === 0 ? '' : '\n';
    return `${this.className()}(${this.extraRepr()}${lines.join('')}${end})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** @throws ArgumentError for what is no module. */
export function checkModule(model: unknown, operation: string): asserts model is Module {
  if (Module.isModule(model)) return;
  throw new ArgumentError(`expected a module (nn.Module), received ${describeValue(model)}`, { operation });
}

function namesOf(keys: unknown, operation: string): readonly string[] | undefined {
  if (keys === undefined) return undefined;
  const names = namesKind.read(typeof keys === 'string' ? [keys] : keys);
  if (names !== undefined) return names;
  throw new ArgumentError(`expected a name or a list of names for "keys", received ${describeValue(keys)}`, {
    operation,
  });
}

/** `{ strict }`, or, as in Python, the flag alone. */
function strictOf(options: StrictOptions | boolean, fallback: boolean, operation: string): boolean {
  if (typeof options === 'boolean') return options;
  const { strict } = checkedOptions<StrictOptions>(options, ['strict'], operation);
  return strict === undefined ? fallback : checkedFlag(strict, 'strict', operation);
}
