import { ArgumentError } from '../../foundation/errors/errors.ts';
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

export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The arrays of nested lists and plain objects, in order, and what was around them. */
export function flattenTree(tree: unknown, operation: string): Flat {
  const leaves: Tensor[] = [];
  let parts = 0;
  const walk = (value: unknown, depth: number): Structure => {
    // Holes of a list count too, though `map` passes over them.
    const claimed = Array.isArray(value) ? value.length : 0;
    if (depth > DEEPEST || ++parts > MOST_PARTS || claimed > MOST_PARTS) {
      throw new ArgumentError(`expected a tree of at most ${DEEPEST} levels and ${MOST_PARTS} parts, without circles`, {
        operation,
      });
    }
    if (value instanceof Tensor) {
      leaves.push(value);
      return LEAF;
    }
    if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => walk(item, depth + 1)) };
    if (typeof value === 'object' && value !== null && isPlain(value)) {
      const keys = Object.keys(value);
      const items = keys.map((key) => walk((value as Record<string, unknown>)[key], depth + 1));
      return { kind: 'object', keys, items };
    }
    return { kind: 'constant', value };
  };
  return { structure: walk(tree, 0), leaves };
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

/** Puts other arrays into the leaves of the very lists and objects that are there; nothing else of them is written. */
export function fillTree(tree: unknown, leaves: readonly Tensor[], operation: string): void {
  let next = 0;
  const put = (container: object, key: string | number, value: unknown): void => {
    if (!(value instanceof Tensor)) fill(value);
    else if (!Reflect.set(container, key, leaves[next++])) {
      const what = Array.isArray(container) ? 'a list' : 'an object';
      throw new ArgumentError(
        `expected lists and objects that can be written to around captured arrays, received ${what} whose "${key}" cannot`,
        { operation },
      );
    }
  };
  const fill = (value: unknown): void => {
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) put(value, i, value[i]);
    else if (typeof value === 'object' && value !== null && isPlain(value)) {
      for (const key of Object.keys(value)) put(value, key, (value as Record<string, unknown>)[key]);
    }
  };
  fill(tree);
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
