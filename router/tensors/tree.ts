import { ArgumentError } from '../../foundation/errors/errors.ts';
import { isPlain, keysOf } from '../../foundation/values/containers.ts';
import { Handle, type Result } from '../../foundation/values/values.ts';
import { typed } from '../../registry/arguments/describe.ts';
import { isTensor, type Tensor } from './tensor.ts';

/** Deeper data is a mistake, or holds itself. */
const MOST_LEVELS = 64;
/** What is longer is not walked to its end: a list that only claims its length, or holds one list many times over. */
const MOST_PARTS = 2 ** 22;

/** What a plain object or a module holds. */
function valuesOf(tree: unknown): readonly unknown[] {
  return keysOf(tree)?.map((key) => (tree as Record<string, unknown>)[key]) ?? [];
}

/** The tree with each tensor put through `change`; lists and plain objects are copied, all else is kept. */
export function mapTensors(tree: unknown, change: (tensor: Tensor) => unknown): unknown {
  if (isTensor(tree)) return change(tree);
  if (Array.isArray(tree)) return tree.map((item) => mapTensors(item, change));
  if (!isPlain(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, mapTensors(item, change)]));
}

/** Every tensor of the tree, in order. An ArgumentError where the tree cannot be read to its end. */
export function tensorsOf(tree: unknown, operation = 'mx'): Tensor[] {
  const found: Tensor[] = [];
  try {
    find(tree, found, 0, { left: MOST_PARTS, operation });
  } catch (error) {
    throw typed(error, operation);
  }
  return found;
}

function find(
  tree: unknown,
  found: Tensor[],
  depth: number,
  parts: { left: number; readonly operation: string },
): void {
  if (isTensor(tree)) {
    found.push(tree);
    return;
  }
  const { operation } = parts;
  if (depth > MOST_LEVELS) {
    throw new ArgumentError(`expected data nested at most ${MOST_LEVELS} levels deep`, { operation });
  }
  const items = Array.isArray(tree) ? tree : valuesOf(tree);
  parts.left -= items.length;
  if (parts.left < 0) throw new ArgumentError(`expected data of at most ${MOST_PARTS} parts`, { operation });
  for (const item of items) find(item, found, depth + 1, parts);
}

/** A backend's result with each handle wrapped. */
export function wrapHandles(result: Result, wrap: (handle: Handle) => Tensor): unknown {
  if (result instanceof Handle) return wrap(result);
  if (Array.isArray(result)) return result.map((item) => wrapHandles(item, wrap));
  if (!isPlain(result)) return result;
  return Object.fromEntries(Object.entries(result).map(([key, item]) => [key, wrapHandles(item as Result, wrap)]));
}
