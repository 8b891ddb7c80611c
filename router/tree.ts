import { Handle, type Result } from '../registry/values.ts';
import { Tensor } from './tensor.ts';

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The tree with each tensor put through `change`; lists and plain objects are copied, all else is kept. */
export function mapTensors(tree: unknown, change: (tensor: Tensor) => unknown): unknown {
  if (tree instanceof Tensor) return change(tree);
  if (Array.isArray(tree)) return tree.map((item) => mapTensors(item, change));
  if (!isPlain(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, mapTensors(item, change)]));
}

/** Every tensor of the tree, in order. */
export function tensorsOf(tree: unknown, found: Tensor[] = []): Tensor[] {
  if (tree instanceof Tensor) found.push(tree);
  else if (Array.isArray(tree)) for (const item of tree) tensorsOf(item, found);
  else if (isPlain(tree)) for (const item of Object.values(tree)) tensorsOf(item, found);
  return found;
}

/** A backend's result with each handle wrapped. */
export function wrapHandles(result: Result, wrap: (handle: Handle) => Tensor): unknown {
  if (result instanceof Handle) return wrap(result);
  if (Array.isArray(result)) return result.map((item) => wrapHandles(item, wrap));
  if (!isPlain(result)) return result;
  return Object.fromEntries(Object.entries(result).map(([key, item]) => [key, wrapHandles(item as Result, wrap)]));
}
