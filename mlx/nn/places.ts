import { childKeys, isKeyed } from '../../foundation/values/containers.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import type { Walk } from '../utils/walk.ts';
import type { Module } from './module.ts';
import { type Container, isArray, isPart, walkOfModules } from './module-tree.ts';

// What reads and replaces parts of a large model goes through its tree once, and writes where it has found them: each further
// walk makes V8 compile more, which the first model of a process has to wait for.

/** Where a module's tree holds something. */
export interface Place<Held> {
  /** The keys on the way joined with dots. */
  readonly path: string;
  readonly node: Container;
  readonly key: string | number;
  readonly value: Held;
}

/** What `parameters()` gives, in its order. */
export function placesOfParameters(module: Module, operation: string): Place<Tensor>[] {
  const places: Place<Tensor>[] = [];
  addParameters(module as unknown as Container, '', places, walkOfModules(operation), 0);
  return places;
}

function addParameters(node: Container, prefix: string, places: Place<Tensor>[], limit: Walk, depth: number): void {
  limit.enter(node, depth);
  const hasFields = isKeyed(node);
  for (const key of childKeys(node) ?? []) {
    if (hasFields && String(key).startsWith('_')) continue;
    const value = node[key];
    if (isArray(value)) places.push({ path: `${prefix}${key}`, node, key, value });
    else if (isPart(value)) addParameters(value as Container, `${prefix}${key}.`, places, limit, depth + 1);
  }
}

/** What `leafModules()` gives, in its order. */
export function placesOfLeafModules(module: Module, operation: string): Place<Module>[] {
  const places: Place<Module>[] = [];
  addLeafModules(module as unknown as Container, '', places, walkOfModules(operation), 0);
  return places;
}

/** Gives whether there is any module inside. */
function addLeafModules(node: Container, prefix: string, places: Place<Module>[], limit: Walk, depth: number): boolean {
  limit.enter(node, depth);
  let any = false;
  for (const key of childKeys(node) ?? []) {
    const value = node[key];
    if (isArray(value) || !isPart(value)) continue;
    const path = `${prefix}${key}`;
    const holdsMore = addLeafModules(value as Container, `${path}.`, places, limit, depth + 1);
    if (isKeyed(value) && !holdsMore) places.push({ path, node, key, value: value as unknown as Module });
    any = any || holdsMore || isKeyed(value);
  }
  return any;
}
