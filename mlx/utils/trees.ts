import { ArgumentError } from '../../foundation/errors/errors.ts';
import { childKeys, isEmpty, isPlain, keysOf } from '../../foundation/values/containers.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import { func, or, signature, text } from '../arguments/signature.ts';
import { checkFunction } from '../transforms/function.ts';
import { Walk } from './walk.ts';

/** Lists, plain objects and modules, nested, with leaves of any kind. */
export type Tree = unknown;
export type IsLeaf = (value: unknown) => boolean;

export interface TreeOptions {
  /** Which parts are leaves though they are lists or objects. */
  readonly isLeaf?: IsLeaf | undefined;
}

export interface TreeFlattenOptions extends TreeOptions {
  /** Stands before every path. */
  readonly prefix?: string | undefined;
}

type Path = readonly (string | number)[];

function childOf(value: unknown, key: string | number): unknown {
  return (value as Record<string | number, unknown>)[key];
}

function hasChild(value: unknown, key: string | number): boolean {
  if (Array.isArray(value)) return typeof key === 'number' && key < value.length;
  return keysOf(value)?.some((own) => own === key) === true;
}

/** The same containers around what `leaf` gives for each leaf; modules become plain objects. */
function rebuild(
  tree: unknown,
  isLeaf: IsLeaf | undefined,
  operation: string,
  leaf: (value: unknown, path: Path) => unknown,
): unknown {
  const limit = new Walk(operation);
  const walk = (value: unknown, path: Path): unknown => {
    if (isLeaf?.(value) === true) return leaf(value, path);
    limit.enter(value, path.length);
    const keys = childKeys(value);
    if (keys === undefined) return leaf(value, path);
    const items = keys.map((key) => walk(childOf(value, key), [...path, key]));
    return Array.isArray(value) ? items : Object.fromEntries(keys.map((key, i) => [key, items[i]]));
  };
  return walk(tree, []);
}

/** What the other trees of a map hold where the first has a leaf. */
function companions(rest: readonly unknown[], path: Path, operation: string): unknown[] {
  return rest.map((tree) => {
    let value = tree;
    for (const key of path) {
      if (!hasChild(value, key)) {
        throw new ArgumentError(`expected trees of one structure, but one has nothing at "${path.join('.')}"`, {
          operation,
        });
      }
      value = childOf(value, key);
    }
    return value;
  });
}

/**
 * The tree with each leaf replaced by what `fn` gives for it, and for the leaves at the same place of the other trees.
 * @param options `isLeaf` in a plain object, only where there are no other trees: `treeMapWithPath` has no such limit.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.utils.tree_map.html
 */
export function treeMap<Result = unknown>(
  fn: (leaf: never, ...rest: never[]) => unknown,
  tree: Tree,
  ...rest: readonly unknown[]
): Result {
  checkFunction(fn, 'utils.treeMap', 'fn');
  const { trees, isLeaf } = splitOptions(rest, 'utils.treeMap');
  return rebuild(tree, isLeaf, 'utils.treeMap', (leaf, path) =>
    (fn as (...leaves: unknown[]) => unknown)(leaf, ...companions(trees, path, 'utils.treeMap')),
  ) as Result;
}

/**
 * As `treeMap`, with the path of the leaf before it: `layers.0.weight`.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.utils.tree_map_with_path.html
 */
export function treeMapWithPath<Result = unknown>(
  fn: (path: string, leaf: never, ...rest: never[]) => unknown,
  tree: Tree,
  ...rest: readonly unknown[]
): Result {
  checkFunction(fn, 'utils.treeMapWithPath', 'fn');
  const { trees, isLeaf } = splitOptions(rest, 'utils.treeMapWithPath');
  return rebuild(tree, isLeaf, 'utils.treeMapWithPath', (leaf, path) =>
    (fn as (...leaves: unknown[]) => unknown)(
      path.join('.'),
      leaf,
      ...companions(trees, path, 'utils.treeMapWithPath'),
    ),
  ) as Result;
}

/** An object whose only key is `isLeaf`, a function, behind the trees is no tree. */
function splitOptions(rest: readonly unknown[], operation: string) {
  const last = rest.at(-1);
  const isOptions = isPlain(last) && Object.keys(last).length === 1 && typeof last['isLeaf'] === 'function';
  const trees = isOptions ? rest.slice(0, -1) : rest;
  const { isLeaf } = isOptions ? checkedOptions<TreeOptions>(last, ['isLeaf'], operation) : { isLeaf: undefined };
  return { trees, isLeaf };
}

const isLeafKind = or(func<IsLeaf>(), null);
const flattenArguments = signature('utils.treeFlatten', { prefix: or(text, ''), isLeaf: isLeafKind });

/**
 * Each leaf with its path, in order: `[['layers.0.weight', array], …]`. `Object.fromEntries` makes an object of it, which
 * `mx.saveSafetensors` takes.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.utils.tree_flatten.html
 */
export function treeFlatten<Leaf = unknown>(tree: Tree, options?: TreeFlattenOptions): [string, Leaf][];
export function treeFlatten<Leaf = unknown>(
  tree: Tree,
  prefix: string | undefined,
  isLeaf?: IsLeaf | TreeOptions | null,
): [string, Leaf][];
export function treeFlatten<Leaf>(tree: Tree, ...rest: unknown[]): [string, Leaf][] {
  const { prefix, isLeaf } = flattenArguments(rest);
  const limit = new Walk('utils.treeFlatten');
  const flat: [string, Leaf][] = [];
  const walk = (value: unknown, path: Path): void => {
    let keys: readonly (string | number)[] | undefined;
    if (isLeaf?.(value) !== true) {
      limit.enter(value, path.length);
      keys = childKeys(value);
    }
    if (keys === undefined) {
      flat.push([path.join('.'), value as Leaf]);
      return;
    }
    for (const key of keys) walk(childOf(value, key), [...path, key]);
  };
  walk(tree, prefix === '' ? [] : [prefix]);
  return flat;
}

/**
 * The tree that `treeFlatten` took apart. Where all keys of a level are integers it is a list; places that a list lacks
 * are empty objects.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.utils.tree_unflatten.html
 */
export function treeUnflatten<Result = unknown>(
  flat: Iterable<readonly [string, unknown]> | Readonly<Record<string, unknown>>,
): Result {
  return unflatten(entriesOf(flat), 0, new Walk(UNFLATTEN)) as Result;
}

const UNFLATTEN = 'utils.treeUnflatten';

function entriesOf(flat: unknown): [string, unknown][] {
  if (typeof flat !== 'object' || flat === null) {
    throw new ArgumentError(`expected pairs of path and value, or an object, received ${describeValue(flat)}`, {
      operation: UNFLATTEN,
    });
  }
  if (!(Symbol.iterator in flat)) return Object.entries(flat);
  return Array.from(flat as Iterable<unknown>, (pair) => {
    if (Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string') return pair as [string, unknown];
    throw new ArgumentError(`expected pairs of path and value, received ${describeValue(pair)}`, {
      operation: UNFLATTEN,
    });
  });
}

/** A list that is longer by one key than all its items together would be made of holes. */
const MOST_ITEMS = 2 ** 20;

function unflatten(entries: readonly (readonly [string, unknown])[], depth: number, limit: Walk): unknown {
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === '') return only[1];
  limit.enter(undefined, depth);
  const groups = new Map<string, [string, unknown][]>();
  for (const [path, value] of entries) {
    const dot = path.indexOf('.');
    const key = dot === -1 ? path : path.slice(0, dot);
    const rest: [string, unknown] = [dot === -1 ? '' : path.slice(dot + 1), value];
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [rest]);
    else group.push(rest);
  }
  const isList = groups.size > 0 && [...groups.keys()].every((key) => /^\d+$/.test(key));
  if (!isList) {
    return Object.fromEntries([...groups].map(([key, group]) => [key, unflatten(group, depth + 1, limit)]));
  }
  const list: unknown[] = [];
  for (const [key, group] of groups) {
    const i = Number(key);
    if (i >= MOST_ITEMS) {
      throw new ArgumentError(`expected lists of at most ${MOST_ITEMS} items, received an item ${key}`, {
        operation: UNFLATTEN,
      });
    }
    list[i] = unflatten(group, depth + 1, limit);
  }
  return Array.from(list, (item) => item ?? {});
}

const reduceArguments = signature('utils.treeReduce', { isLeaf: isLeafKind });

/**
 * What `fn` gives for the value so far and each leaf in turn, from `initial` on, or from the first leaf.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.utils.tree_reduce.html
 */
export function treeReduce<Value, Leaf = unknown>(
  fn: (value: Value, leaf: Leaf) => Value,
  tree: Tree,
  initial?: Value | null,
  options?: IsLeaf | TreeOptions | null,
): Value {
  checkFunction(fn, 'utils.treeReduce', 'fn');
  const { isLeaf } = reduceArguments([options]);
  let value: Value | undefined = initial ?? undefined;
  for (const [, leaf] of treeFlatten<Leaf>(tree, '', isLeaf)) {
    value = value === undefined ? (leaf as unknown as Value) : fn(value, leaf);
  }
  return value as Value;
}

const mergeArguments = signature('utils.treeMerge', {
  mergeFn: or(func<(first: unknown, second: unknown) => unknown>(), null),
});

/**
 * One tree that has the leaves of both. Where both have one, `mergeFn` gives the leaf.
 * @throws ArgumentError where both have one and there is no `mergeFn`, or their containers differ.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.utils.tree_merge.html
 */
export function treeMerge<Result = unknown>(
  first: Tree,
  second: Tree,
  mergeFn?: MergeFunction | { readonly mergeFn?: MergeFunction | null } | null,
): Result {
  return merge(first, second, mergeArguments([mergeFn]).mergeFn, [], new Walk(MERGE)) as Result;
}

type MergeFunction = (first: never, second: never) => unknown;
const MERGE = 'utils.treeMerge';

function merge(
  first: unknown,
  second: unknown,
  mergeFn: ((first: unknown, second: unknown) => unknown) | null,
  path: Path,
  limit: Walk,
): unknown {
  const operation = MERGE;
  limit.enter(first, path.length);
  limit.enter(second, path.length);
  const areLists = [first, second].map((value) => Array.isArray(value));
  if (isEmpty(first) && isEmpty(second)) {
    if (areLists[0] !== areLists[1]) {
      throw new ArgumentError(`expected two lists or two objects at "${path.join('.')}", received one of each`, {
        operation,
      });
    }
    return areLists[0] ? [] : {};
  }
  if (first === undefined || first === null || isEmpty(first)) return isEmpty(second) ? undefined : second;
  if (second === undefined || second === null || isEmpty(second)) return first;
  const keys = [childKeys(first), childKeys(second)];
  if (keys[0] !== undefined && keys[1] !== undefined && areLists[0] === areLists[1]) {
    const all = [...new Set([...keys[0], ...keys[1]])];
    const items = all.map((key) => merge(childOf(first, key), childOf(second, key), mergeFn, [...path, key], limit));
    return areLists[0] ? items : Object.fromEntries(all.map((key, i) => [key, items[i]]));
  }
  if (mergeFn !== null) return mergeFn(first, second);
  throw new ArgumentError(`both trees have a leaf at "${path.join('.')}", and no function merges them`, { operation });
}
