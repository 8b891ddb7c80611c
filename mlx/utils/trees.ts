import { ArgumentError } from '../../foundation/errors/errors.ts';
import { childKeys, isPlain } from '../../foundation/values/containers.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';

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

/** Deeper trees are a mistake, or hold themselves. */
const DEEPEST = 64;

function childOf(value: unknown, key: string | number): unknown {
  return (value as Record<string | number, unknown>)[key];
}

function checkDepth(path: Path, operation: string): void {
  if (path.length <= DEEPEST) return;
  throw new ArgumentError(`expected a tree of at most ${DEEPEST} levels, which does not hold itself`, { operation });
}

/** The same containers around what `leaf` gives for each leaf; modules become plain objects. */
function rebuild(
  tree: unknown,
  isLeaf: IsLeaf | undefined,
  operation: string,
  leaf: (value: unknown, path: Path) => unknown,
): unknown {
  const walk = (value: unknown, path: Path): unknown => {
    const keys = isLeaf?.(value) === true ? undefined : childKeys(value);
    if (keys === undefined) return leaf(value, path);
    checkDepth(path, operation);
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
      const keys = childKeys(value);
      if (keys === undefined || !keys.includes(key)) {
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

/**
 * Each leaf with its path, in order: `[['layers.0.weight', array], …]`. `Object.fromEntries` makes an object of it, which
 * `mx.saveSafetensors` takes.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.utils.tree_flatten.html
 */
export function treeFlatten<Leaf = unknown>(tree: Tree, options: TreeFlattenOptions = {}): [string, Leaf][] {
  const operation = 'utils.treeFlatten';
  const { isLeaf, prefix = '' } = checkedOptions<TreeFlattenOptions>(options, ['isLeaf', 'prefix'], operation);
  const flat: [string, Leaf][] = [];
  const walk = (value: unknown, path: Path): void => {
    const keys = isLeaf?.(value) === true ? undefined : childKeys(value);
    if (keys === undefined) {
      flat.push([path.join('.'), value as Leaf]);
      return;
    }
    checkDepth(path, operation);
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
  const entries = Symbol.iterator in flat ? [...(flat as Iterable<readonly [string, unknown]>)] : Object.entries(flat);
  return unflatten(entries) as Result;
}

/** A list that is longer by one key than all its items together would be made of holes. */
const MOST_ITEMS = 2 ** 20;

function unflatten(entries: readonly (readonly [string, unknown])[]): unknown {
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === '') return only[1];
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
  if (!isList) return Object.fromEntries([...groups].map(([key, group]) => [key, unflatten(group)]));
  const list: unknown[] = [];
  for (const [key, group] of groups) {
    const i = Number(key);
    if (i >= MOST_ITEMS) {
      throw new ArgumentError(`expected lists of at most ${MOST_ITEMS} items, received an item ${key}`, {
        operation: 'utils.treeUnflatten',
      });
    }
    list[i] = unflatten(group);
  }
  return Array.from(list, (item) => item ?? {});
}

/**
 * What `fn` gives for the value so far and each leaf in turn, from `initial` on, or from the first leaf.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.utils.tree_reduce.html
 */
export function treeReduce<Value, Leaf = unknown>(
  fn: (value: Value, leaf: Leaf) => Value,
  tree: Tree,
  initial?: Value | null,
  options: TreeOptions = {},
): Value {
  const { isLeaf } = checkedOptions<TreeOptions>(options, ['isLeaf'], 'utils.treeReduce');
  let value: Value | undefined = initial ?? undefined;
  for (const [, leaf] of treeFlatten<Leaf>(tree, { isLeaf })) {
    value = value === undefined ? (leaf as unknown as Value) : fn(value, leaf);
  }
  return value as Value;
}

function isEmpty(value: unknown): boolean {
  return childKeys(value)?.length === 0;
}

/**
 * One tree that has the leaves of both. Where both have one, `mergeFn` gives the leaf.
 * @throws ArgumentError where both have one and there is no `mergeFn`, or their containers differ.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.utils.tree_merge.html
 */
export function treeMerge<Result = unknown>(
  first: Tree,
  second: Tree,
  mergeFn?: (first: never, second: never) => unknown,
): Result {
  return merge(first, second, mergeFn as ((first: unknown, second: unknown) => unknown) | undefined, []) as Result;
}

function merge(
  first: unknown,
  second: unknown,
  mergeFn: ((first: unknown, second: unknown) => unknown) | undefined,
  path: Path,
): unknown {
  const operation = 'utils.treeMerge';
  checkDepth(path, operation);
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
    const items = all.map((key) => merge(childOf(first, key), childOf(second, key), mergeFn, [...path, key]));
    return areLists[0] ? items : Object.fromEntries(all.map((key, i) => [key, items[i]]));
  }
  if (mergeFn !== undefined) return mergeFn(first, second);
  throw new ArgumentError(`both trees have a leaf at "${path.join('.')}", and no function merges them`, { operation });
}
