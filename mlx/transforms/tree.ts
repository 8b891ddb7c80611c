import { ArgumentError } from '../../foundation/errors/errors.ts';
import { isPlain, keysOf } from '../../foundation/values/containers.ts';
import { Dtype } from '../../foundation/values/dtypes.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { Tensor } from '../../router/tensors/tensor.ts';

/** The shape of a tree without its arrays: leaves are numbered in order; all else stays as it is. */
export type Structure =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'list'; readonly items: readonly Structure[] }
  | { readonly kind: 'object'; readonly keys: readonly string[]; readonly items: readonly Structure[] }
  | { readonly kind: 'constant'; readonly value: unknown };

export interface Flat {
  readonly leaves: Tensor[];
  readonly structure: Structure;
}

const DEEPEST = 64;
// Lists that hold one list many times over would never end.
const MOST_PARTS = 1_000_000;
const LEAF: Structure = { kind: 'leaf' };

/** Where an array stands in a tree: what holds it, and under which key. */
interface Place {
  readonly container: object;
  readonly key: string | number;
}

/** The arrays that a compiled function captures, and where they stand. */
export interface Captured extends Flat {
  readonly places: readonly Place[];
}

/** How a tree is read: the keys of what has some, and what stands for anything else that is no array. */
interface Reading {
  readonly keysIn: (value: unknown) => readonly string[] | undefined;
  readonly constant: (value: unknown) => unknown;
}

const PLAIN: Reading = {
  keysIn: (value) => (isPlain(value) ? Object.keys(value) : undefined),
  constant: (value) => value,
};
/** Into modules too, whose lists may hold functions. */
const CAPTURED: Reading = {
  keysIn: keysOf,
  constant: (value) => (typeof value === 'function' ? functionKey(value) : value),
};

/** The arrays of nested lists and plain objects, in order, and what was around them. */
export function flattenTree(tree: unknown, operation: string): Flat {
  return walkTree(tree, operation, PLAIN);
}

/** As `flattenTree`, into modules too. */
export function captureTree(tree: unknown, operation: string): Captured {
  return walkTree(tree, operation, CAPTURED);
}

/** As `flattenTree` of a tree that probably has this structure; undefined if it has not. */
export function flattenAlike(structure: Structure, tree: unknown): Flat | undefined {
  return followTree(structure, tree, PLAIN);
}

/** As `captureTree` of a tree that probably has this structure; undefined if it has not. */
export function captureAlike(structure: Structure, tree: unknown): Captured | undefined {
  return followTree(structure, tree, CAPTURED);
}

const functionNumbers = new WeakMap<object, number>();
let functions = 0;

/** A text that stands for this function alone in the key of a compiled function. */
function functionKey(value: object): string {
  const known = functionNumbers.get(value) ?? functions++;
  functionNumbers.set(value, known);
  return `function ${known}`;
}

function walkTree(tree: unknown, operation: string, { keysIn, constant }: Reading): Captured {
  const leaves: Tensor[] = [];
  const places: Place[] = [];
  let parts = 0;
  const walk = (value: unknown, depth: number, container: object, key: string | number): Structure => {
    // Holes of a list count too, though `map` passes over them.
    const claimed = Array.isArray(value) ? value.length : 0;
    if (depth > DEEPEST || ++parts > MOST_PARTS || claimed > MOST_PARTS) {
      throw new ArgumentError(`expected a tree of at most ${DEEPEST} levels and ${MOST_PARTS} parts, without circles`, {
        operation,
      });
    }
    if (value instanceof Tensor) {
      leaves.push(value);
      places.push({ container, key });
      return LEAF;
    }
    if (Array.isArray(value)) {
      return { kind: 'list', items: value.map((item, i) => walk(item, depth + 1, value, i)) };
    }
    const keys = keysIn(value);
    if (keys === undefined) return { kind: 'constant', value: constant(value) };
    const node = value as Record<string, unknown>;
    return { kind: 'object', keys, items: keys.map((key) => walk(node[key], depth + 1, node, key)) };
  };
  return { structure: walk(tree, 0, [tree], 0), leaves, places };
}

/** Nothing is made but the lists of what is found: a walk that only compares is much cheaper than a new structure. */
function followTree(structure: Structure, tree: unknown, { keysIn, constant }: Reading): Captured | undefined {
  const leaves: Tensor[] = [];
  const places: Place[] = [];
  const holds = (part: Structure | undefined, value: unknown, container: object, key: string | number): boolean => {
    // A hole of a list has no part, and may hold something now.
    if (part === undefined) return false;
    if (part.kind === 'leaf') {
      if (!(value instanceof Tensor)) return false;
      leaves.push(value);
      places.push({ container, key });
      return true;
    }
    if (value instanceof Tensor || Array.isArray(value) !== (part.kind === 'list')) return false;
    if (part.kind === 'list') {
      const list = value as unknown[];
      if (list.length !== part.items.length) return false;
      for (let i = 0; i < list.length; i++) if (!holds(part.items[i], list[i], list, i)) return false;
      return true;
    }
    const keys = keysIn(value);
    if (part.kind === 'constant') return keys === undefined && Object.is(constant(value), part.value);
    if (keys === undefined || keys.length !== part.keys.length) return false;
    const node = value as Record<string, unknown>;
    for (let i = 0; i < keys.length; i++) {
      const name = keys[i] as string;
      if (name !== part.keys[i] || !holds(part.items[i], node[name], node, name)) return false;
    }
    return true;
  };
  return holds(structure, tree, [tree], 0) ? { structure, leaves, places } : undefined;
}

/** The tree with other arrays in its leaves. */
export function buildTree(structure: Structure, leaves: readonly unknown[]): unknown {
  let next = 0;
  const build = (part: Structure): unknown => {
    switch (part.kind) {
      case 'leaf':
        return leaves[next++];
      case 'list':
        return part.items.map(build);
      case 'object':
        return Object.fromEntries(part.keys.map((key, i) => [key, build(part.items[i] as Structure)]));
      case 'constant':
        return part.value;
    }
  };
  return build(structure);
}

/** Puts other arrays into the places; nothing else of what holds them is written. */
export function fillPlaces(places: readonly Place[], arrays: readonly Tensor[], operation: string): void {
  places.forEach(({ container, key }, i) => {
    if (Reflect.set(container, key, arrays[i])) return;
    const what = Array.isArray(container) ? 'a list' : 'an object';
    throw new ArgumentError(
      `expected lists and objects that can be written to around captured arrays, received ${what} whose "${key}" cannot`,
      { operation },
    );
  });
}

/** A text that is the same for equal structures, constants included; for the key of a compiled function. */
export function structureKey(structure: Structure, operation: string): string {
  switch (structure.kind) {
    case 'leaf':
      return '*';
    case 'list':
      return `[${structure.items.map((item) => structureKey(item, operation)).join()}]`;
    case 'object':
      return `{${structure.keys
        .map((key, i) => `${JSON.stringify(key)}:${structureKey(structure.items[i] as Structure, operation)}`)
        .join()}}`;
    case 'constant':
      return constantKey(structure.value, operation);
  }
}

function constantKey(value: unknown, operation: string): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : `n${value}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Dtype) return `dtype ${value.name}`;
  throw new ArgumentError(
    `expected arrays, numbers, strings, booleans, null, or lists and plain objects of them, received ${describeValue(value)}`,
    { operation },
  );
}
