import type { Implementation } from '../../foundation/errors/errors.ts';
import { type Argument, Handle, type Result } from '../../foundation/values/values.ts';
import type { Residency } from './residency.ts';
import { homeAt, Tensor, tensorAt } from './tensor.ts';
import { mapTensors, wrapHandles } from './tree.ts';

/** Puts handles of that side in the tensors' places; the list is the caller's own. */
export function localize(values: unknown[], side: Implementation, residency: Residency): asserts values is Argument[] {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value instanceof Tensor) {
      // Of several homes a worker's may be lost.
      const handle = side === 'native' || value.native === null ? homeAt(value, side) : null;
      values[i] = handle ?? residency.at(value, side);
    } else if (typeof value === 'object' && value !== null) values[i] = localizeTree(value, side, residency);
  }
}

function localizeTree(tree: object, side: Implementation, residency: Residency): unknown {
  if (Array.isArray(tree) && tree.every((item) => typeof item === 'number')) return tree;
  return mapTensors(tree, (tensor) => residency.at(tensor, side));
}

/** A port takes what the caller passed: its arguments, and the keywords behind them if there are any. */
export function portArguments(values: readonly unknown[]): unknown[] {
  const [positional, keywords] = values as [unknown[], Record<string, unknown>];
  return Object.keys(keywords).length === 0 ? positional : [...positional, keywords];
}

/** What a backend gave, with tensors for its handles. */
export function wrapResult(result: Result, side: Implementation): unknown {
  if (result instanceof Handle) return tensorAt(result, side);
  return wrapHandles(result, (handle) => tensorAt(handle, side));
}
