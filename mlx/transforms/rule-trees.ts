import { isPlain } from '../../foundation/values/containers.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import type { AnyFunction } from './function.ts';
import type { Structure } from './tree.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a function takes or gives is not always in its type
type Unknown = any;

/** The tree with something else in place of each array, and null in place of all that is none. */
type TreeOf<Tree, Item> = unknown extends Tree
  ? Unknown
  : Tree extends Tensor
    ? Item
    : Tree extends object
      ? { [Key in keyof Tree]: TreeOf<Tree[Key], Item> }
      : null;

type Given<Fun extends AnyFunction> = Required<Parameters<Fun>>;

/** The arguments of a function as its rules get them: a list, but one alone as it is. */
export type Arguments<Fun extends AnyFunction> = number extends Given<Fun>['length']
  ? Unknown
  : Given<Fun> extends readonly [infer Only]
    ? Only
    : Given<Fun>;

/** Something for each array in the arguments; a single array as the only argument has one always. */
export type ForArguments<Fun extends AnyFunction, Item> = number extends Given<Fun>['length']
  ? Unknown
  : Given<Fun> extends readonly [infer Only]
    ? Only extends Tensor
      ? Item
      : TreeOf<Only, Item | null>
    : TreeOf<Given<Fun>, Item | null>;

export type Results<Fun extends AnyFunction> = unknown extends ReturnType<Fun> ? Unknown : ReturnType<Fun>;

/** What the rules get of the arguments: of one the one. */
export function soleOrAll(structure: Structure): Structure {
  return structure.kind === 'list' && structure.items.length === 1 ? (structure.items[0] as Structure) : structure;
}

/** The structure with null in place of all that is no array: it has neither tangent nor axis. */
export function withoutConstants(structure: Structure): Structure {
  if (structure.kind === 'leaf') return structure;
  if (structure.kind === 'constant') return { kind: 'constant', value: null };
  return { ...structure, items: structure.items.map(withoutConstants) };
}

/** What a rule gave, with the keys of its objects in the order of what it stands for: a name counts, not its place. */
export function inOrder(value: unknown, like: Structure): unknown {
  if (like.kind === 'list' && Array.isArray(value)) {
    return value.map((item, i) => (i < like.items.length ? inOrder(item, like.items[i] as Structure) : item));
  }
  if (like.kind !== 'object' || typeof value !== 'object' || value === null || !isPlain(value)) return value;
  const object = value as Record<string, unknown>;
  const ordered = Object.fromEntries(
    like.keys.flatMap((key, i) =>
      Object.hasOwn(object, key) ? [[key, inOrder(object[key], like.items[i] as Structure)]] : [],
    ),
  );
  // A key keeps the place where it was first.
  return { ...ordered, ...object, ...ordered };
}
