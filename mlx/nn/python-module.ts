import { ArgumentError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { isPlain } from '../../foundation/values/containers.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { randomState, router } from '../../runtime/runtime.ts';
import * as mx from '../core.ts';
import { treeFlatten } from '../utils/trees.ts';
import { Module } from './module.ts';
import { isArray } from './module-tree.ts';

// Modules whose code is Python's. Their arrays are here, in fields of the names that they have in Python, so that all
// that works with modules works with these; they are handed over with each call, by reference.

type Keywords = Readonly<Record<string, unknown>>;

/** A module as Python describes it. */
export interface ModuleDescription {
  readonly kind: 'module';
  readonly class: string;
  /** What stands between the brackets when it is printed. */
  readonly text: string;
  readonly training: boolean;
  readonly frozen: readonly string[];
  readonly items: Readonly<Record<string, Description>>;
}

type Description =
  | Tensor
  | ModuleDescription
  | { readonly kind: 'list'; readonly items: readonly Description[] }
  | { readonly kind: 'dict'; readonly items: Readonly<Record<string, Description>> }
  /** What stands at that path already. */
  | { readonly kind: 'same'; readonly path: string }
  | null;

/** What all modules of one tree have in common. */
interface Root {
  /** The operation that runs them. */
  readonly operation: string;
  /** What the constructor was called with: a worker that has not made the module yet does so. */
  readonly recipe: readonly [args: readonly unknown[], keywords: Keywords];
  /** Its copy in a worker stands for the module there, which ends with it. */
  anchor: Tensor | undefined;
  /** Arrays and modules by their paths, while the tree is built. */
  readonly built: Map<string, unknown>;
}

interface Result {
  readonly value: unknown;
  /** The arrays that the call has replaced, by their paths. */
  readonly changed: Readonly<Record<string, Tensor>>;
  readonly key: Tensor | null;
}

/** A call's arguments: positions, and the keywords of a plain object at the end. */
export function splitArguments(args: readonly unknown[]): readonly [readonly unknown[], Keywords] {
  const last = args.at(-1);
  return isPlain(last) ? [args.slice(0, -1), last as Keywords] : [args, {}];
}

/** Takes over the key that drawing in Python has left. */
export function continueFrom(key: Tensor | null): void {
  if (key !== null) randomState.key = key;
}

/** A module of Python's, or one inside: `forward` takes what Python's `__call__` takes, keywords in a trailing object. */
export class PythonModule extends Module {
  readonly #root: Root;
  readonly #path: string;
  readonly #class: string;
  readonly #text: string;

  constructor(root: Root, path: string, description: ModuleDescription) {
    super();
    this.#root = root;
    this.#path = path;
    this.#class = description.class;
    this.#text = description.text;
    root.built.set(path, this);
    for (const [name, value] of Object.entries(description.items)) {
      if (name in this) {
        throw new UnsupportedOperationError(
          `the Python class ${this.#class} has a field "${name}", which is the name of a method of nn.Module`,
          { operation: root.operation },
        );
      }
      const place = path === '' ? name : `${path}.${name}`;
      Object.defineProperty(this, name, {
        value: built(root, place, value),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    this.freeze({ recurse: false, keys: description.frozen });
    this.setTraining(description.training);
  }

  override forward(...args: unknown[]): unknown {
    const [inputs, keywords] = splitArguments(args);
    const root = this.#root;
    const result = router.call(router.prepare(root.operation), [
      anchorOf(root),
      root.recipe,
      this.#path,
      Object.fromEntries(this.#arrays()),
      this.#modes(),
      inputs,
      keywords,
      randomState.key,
    ]) as Result;
    continueFrom(result.key);
    for (const [path, array] of Object.entries(result.changed)) replace(this, path, array);
    return result.value;
  }

  /** All its arrays, those that are no parameters too. */
  #arrays(): [string, Tensor][] {
    return treeFlatten<Tensor>(this).filter(([, array]) => isArray(array));
  }

  /** Whether each module is in training mode, by its path; `''` stands for those that are not named. */
  #modes(): Record<string, boolean> {
    const modules = this.namedModules();
    return modules.every(([, module]) => module.training === this.training)
      ? { '': this.training }
      : Object.fromEntries(modules.map(([path, { training }]) => [path, training]));
  }

  protected override className(): string {
    return this.#class;
  }

  protected override extraRepr(): string {
    return this.#text;
  }
}

function anchorOf(root: Root): Tensor {
  if (root.anchor === undefined || router.residency.isDisposed(root.anchor)) root.anchor = mx.array(0);
  return root.anchor;
}

function built(root: Root, path: string, value: Description): unknown {
  if (value === null) return null;
  if (isArray(value)) {
    root.built.set(path, value);
    return value;
  }
  const inside = (key: string | number, item: Description) => built(root, `${path}.${key}`, item);
  switch (value.kind) {
    case 'same':
      return root.built.get(value.path);
    case 'module':
      return new PythonModule(root, path, value);
    case 'list':
      return value.items.map((item, i) => inside(i, item));
    case 'dict':
      return Object.fromEntries(Object.entries(value.items).map(([key, item]) => [key, inside(key, item)]));
  }
}

function replace(module: Module, path: string, array: Tensor): void {
  const keys = path.split('.');
  const last = keys.pop() as string;
  let target: unknown = module;
  for (const key of keys) {
    target = (target as Record<string, unknown>)[key];
    if (typeof target !== 'object' || target === null) {
      throw new ArgumentError(`Python has replaced "${path}", for which there is no place here`, {
        operation: 'nn.Module.forward',
      });
    }
  }
  (target as Record<string, unknown>)[last] = array;
}

/** The module that Python has made of these arguments. */
export function pythonModule(operation: string, recipe: Root['recipe'], description: ModuleDescription): PythonModule {
  const built = new Map<string, unknown>();
  const module = new PythonModule({ operation, recipe, anchor: undefined, built }, '', description);
  built.clear();
  return module;
}
