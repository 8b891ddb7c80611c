import { ArgumentError } from '../../foundation/errors/errors.ts';
import { childKeys, isEmpty, isKeyed, isPlain, keysOf } from '../../foundation/values/containers.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { didYouMean } from '../../registry/naming.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import { DEEPEST, Walk } from '../utils/walk.ts';
import type { Module } from './module.ts';

// What the methods of `Module` do with its tree. A tree's nodes are modules, lists and plain objects; a path is their
// keys joined with dots.

/** Given the module that holds it, its path from there, and the value. */
export type ModuleFilter = (module: Module, key: string, value: unknown) => boolean;
export type IsModule = (value: unknown) => value is Module;

export type Container = Record<string | number, unknown>;

/** From this length on only the items that a list has are looked at, not all that it claims. */
const LONG = 2 ** 16;

export function walkOfModules(operation: string): Walk {
  return new Walk(operation, 'a tree of modules');
}

export function isNode(value: unknown): value is Container {
  return Array.isArray(value) || isPlain(value) || isKeyed(value);
}

/** Whether it is part of a module's tree: an array, a module, or a list or plain object that holds one. */
export function isPart(value: unknown, depth = 0): boolean {
  if (isArray(value)) return true;
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return false;
  if (Array.isArray(value)) {
    const items = value.length < LONG ? value : Object.values(value);
    return items.some((item) => isPart(item, depth + 1));
  }
  if (isPlain(value)) return Object.values(value).some((item) => isPart(item, depth + 1));
  return isKeyed(value);
}

/** What is asked of a module's tree. */
interface Selection {
  readonly isModule: IsModule;
  readonly filter: ModuleFilter;
  readonly map: (value: unknown) => unknown;
  readonly isLeaf: ModuleFilter;
}

/** What stays of a module's tree: the values that the filter lets through, mapped, in the containers that held them. */
export function filterAndMap(root: Module, selection: Selection): Record<string, unknown> {
  return ofModule(root, selection, walkOfModules('nn.Module.filterAndMap'), 0);
}

// Not within `filterAndMap`, which would make three functions for each layer of a model.
function ofModule(module: Module, selection: Selection, limit: Walk, depth: number): Record<string, unknown> {
  limit.enter(module, depth);
  const kept: [string, unknown][] = [];
  for (const key of keysOf(module) ?? []) {
    const value = (module as unknown as Container)[key];
    if (!selection.filter(module, key, value)) continue;
    kept.push([key, ofValue(module, key, value, selection, limit, depth + 1)]);
  }
  return Object.fromEntries(kept);
}

function ofValue(
  module: Module,
  path: string,
  value: unknown,
  selection: Selection,
  limit: Walk,
  depth: number,
): unknown {
  if (selection.isLeaf(module, path, value)) return selection.map(value);
  limit.enter(value, depth);
  if (selection.isModule(value)) return ofModule(value, selection, limit, depth);
  // As in Python, what a list or an object holds beside the chosen values leaves an empty object in its place.
  const ofItem = (key: string | number, item: unknown): unknown => {
    const place = `${path}.${key}`;
    return selection.filter(module, place, item) ? ofValue(module, place, item, selection, limit, depth + 1) : {};
  };
  if (Array.isArray(value)) return Array.from(value, (item, i) => ofItem(i, item));
  if (isPlain(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, ofItem(key, item)]));
  throw new ArgumentError(`expected only arrays, modules, lists and objects, received ${describeValue(value)}`, {
    operation: 'nn.Module.filterAndMap',
  });
}

/**
 * What a module holds itself, in lists and plain objects too, of the kind that `isWanted` names, each with its path from
 * there.
 */
export function heldBy<Held>(module: Module, isWanted: (value: unknown) => value is Held): [string, Held][] {
  const held: [string, Held][] = [];
  addHeld(module as unknown as Container, '', isWanted, held, walkOfModules('nn.Module'), 0);
  return held;
}

function addHeld<Held>(
  node: Container,
  prefix: string,
  isWanted: (value: unknown) => value is Held,
  held: [string, Held][],
  limit: Walk,
  depth: number,
): void {
  limit.enter(node, depth);
  for (const key of childKeys(node) ?? []) {
    const value = node[key];
    if (isWanted(value)) held.push([`${prefix}${key}`, value]);
    // What holds no part of the tree may be anything, an object that holds itself among others.
    else if ((Array.isArray(value) || isPlain(value)) && isPart(value)) {
      addHeld(value as Container, `${prefix}${key}.`, isWanted, held, limit, depth + 1);
    }
  }
}

interface Replacement {
  readonly operation: string;
  /** What is replaced: `parameter`. */
  readonly what: string;
  readonly strict: boolean;
  /** Whether the value at that place is replaced, rather than gone into. */
  readonly isTarget: (value: unknown) => boolean;
  readonly isReplacement: (value: unknown) => boolean;
  /** What a replacement has to be: `an array (mx.array)`. */
  readonly expected: string;
}

/** Puts the values of a part of a tree in the places of those that are there. Nothing is written if one does not fit. */
export function replaceIn(root: Module, tree: unknown, how: Replacement): void {
  const { operation, what, strict, isTarget, isReplacement, expected } = how;
  const fail = (message: string): never => {
    throw new ArgumentError(message, { operation });
  };
  const writes: { readonly node: Container; readonly key: string | number; readonly value: unknown }[] = [];
  const limit = walkOfModules(operation);
  const walk = (node: Container, given: unknown, path: string, depth: number): void => {
    limit.enter(node, depth);
    limit.enter(given, depth);
    if (!isNode(given)) {
      if (strict) fail(`expected a list or an object of ${what}s at "${path}", received ${describeValue(given)}`);
      return;
    }
    const keys = (childKeys(node) ?? []).map(String);
    for (const key of childKeys(given) ?? []) {
      const place = path === '' ? String(key) : `${path}.${key}`;
      const value = given[key];
      if (!keys.includes(String(key))) {
        if (strict && !isEmpty(value)) fail(`there is no ${what} "${place}"${didYouMean(String(key), keys)}`);
        continue;
      }
      const current = node[key];
      if (isTarget(current)) {
        if (isReplacement(value)) writes.push({ node, key, value });
        else if (isNode(current) && isNode(value)) walk(current, value, place, depth + 1);
        else if (strict) fail(`expected ${expected} for "${place}", received ${describeValue(value)}`);
      } else if (isNode(current)) walk(current, value, place, depth + 1);
      else if (strict && !isEmpty(value)) fail(`there is no ${what} "${place}"`);
    }
  };
  walk(root as unknown as Container, tree, '', 0);
  for (const { node, key, value } of writes) write({ node, key }, value, what, operation);
}

/** @throws ArgumentError where what holds it is frozen; `what` is a word for it: `parameter`. */
export function write(
  { node, key }: { readonly node: Container; readonly key: string | number },
  value: unknown,
  what: string,
  operation: string,
): void {
  if (Reflect.set(node, key, value)) return;
  throw new ArgumentError(`the ${what} "${key}" cannot be written: what holds it is frozen`, { operation });
}

export function isArray(value: unknown): value is Tensor {
  return value instanceof Tensor;
}
