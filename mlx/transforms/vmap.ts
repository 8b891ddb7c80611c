import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { refuseMore } from '../../registry/arguments/options.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { router } from '../../runtime/runtime.ts';
import { type AnyFunction, checkFunction } from './function.ts';
import { traceCall } from './traced.ts';
import { type Flat, flattenTree, type Structure } from './tree.ts';

/** An axis for a whole tree, null for none, or a tree of them that is a prefix of the other. */
export type AxisTree = number | null | readonly AxisTree[] | { readonly [key: string]: AxisTree };

const NOT_MAPPED = -1;

/** The axis of each leaf, as `read` makes it of what the tree has for that leaf. */
export function axesOf(
  axes: unknown,
  { structure, leaves }: Flat,
  name: string,
  operation: string,
  read: (axis: number | null, leaf: Tensor) => number,
): number[] {
  const found: number[] = [];
  const mismatch = (part: unknown): never => {
    throw new ArgumentError(
      `expected an axis, null, or a tree of them like the arguments for "${name}", received ${describeValue(part)}`,
      { operation },
    );
  };
  const walk = (part: unknown, at: Structure): void => {
    if (at.kind === 'constant') return;
    if (at.kind === 'leaf') {
      if (part !== null && typeof part !== 'number') mismatch(part);
      found.push(read(part as number | null, leaves[found.length] as Tensor));
      return;
    }
    const isWhole = part === null || typeof part === 'number';
    if (!isWhole && typeof part !== 'object') mismatch(part);
    if (!isWhole && (at.kind === 'list') !== Array.isArray(part)) mismatch(part);
    if (at.kind === 'list' && !isWhole && (part as unknown[]).length !== at.items.length) mismatch(part);
    at.items.forEach((item, i) => {
      const key = at.kind === 'object' ? (at.keys[i] as string) : i;
      walk(isWhole ? part : ((part as Record<string | number, unknown>)[key] ?? null), item);
    });
  };
  walk(axes, structure);
  return found;
}

/** Negative axes count from the end of the leaf, which has or gets some more. */
function ofRank(more: number, operation: string): (axis: number | null, leaf: Tensor) => number {
  return (axis, leaf) => {
    if (axis === null) return NOT_MAPPED;
    const dimensions = leaf.ndim + more;
    if (!Number.isInteger(axis) || axis < -dimensions || axis >= dimensions) {
      throw new ArgumentError(`Invalid vectorization axis ${axis} for array with shape (${leaf.shape.join(',')})`, {
        operation,
      });
    }
    return axis < 0 ? axis + dimensions : axis;
  };
}

/** An object is axes by the keys of an argument; one with the names of the parameters is meant for options. */
function refuseNames(inAxes: unknown, operation: string): void {
  if (typeof inAxes !== 'object' || inAxes === null || Array.isArray(inAxes)) return;
  if (!['inAxes', 'outAxes', 'in_axes', 'out_axes'].some((name) => Object.hasOwn(inAxes, name))) return;
  throw new ArgumentError('"inAxes" and "outAxes" are given by position: mx.vmap(f, 0, 0)', { operation });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As in Python, an object or the axes of a list stand for the one argument that there is. */
function ofArguments(axes: AxisTree, { structure }: Flat): AxisTree {
  const sole = structure.kind === 'list' && structure.items.length === 1 ? structure.items[0] : undefined;
  if (sole?.kind === 'object' && isObject(axes)) return [axes];
  const isWrapped = Array.isArray(axes) && axes.length === 1 && (axes[0] === null || typeof axes[0] !== 'number');
  return sole?.kind === 'list' && Array.isArray(axes) && !isWrapped && axes.length === sole.items.length
    ? [axes]
    : axes;
}

/** A list of one stands for the one result that there is. */
export function ofResult(axes: AxisTree, { structure }: Flat): AxisTree {
  return Array.isArray(axes) && axes.length === 1 && structure.kind !== 'list' ? (axes[0] as AxisTree) : axes;
}

/**
 * `fun` over one axis of its arguments: as if it were called for each index and the results stacked.
 *
 * @param inAxes the axis of each argument: one for all, or a list with one for each; null is passed whole.
 * @param outAxes where the axis goes in the results.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.vmap.html
 */
export function vmap<Fun extends AnyFunction>(
  fun: Fun,
  inAxes: AxisTree = 0,
  outAxes: AxisTree = 0,
  ...more: never[]
): (...args: Parameters<Fun>) => ReturnType<Fun> {
  const operation = 'mx.vmap';
  checkFunction(fun, operation);
  refuseMore(more, operation);
  refuseNames(inAxes, operation);
  return (...args) => {
    const input = flattenTree(args, operation);
    const axes = axesOf(ofArguments(inAxes, input), input, 'inAxes', operation, ofRank(0, operation));
    if (axes.every((axis) => axis === NOT_MAPPED)) {
      throw new ArgumentError('expected at least one argument with an axis to map over', { operation });
    }
    return router.transforming.run(fun, operation, undefined, (transformer) => {
      const call = traceCall(transformer, fun, input, operation);
      const outputs = transformer.transforms.vmap(call.run, call.inputs, axes, () => {
        const output = call.output();
        return axesOf(ofResult(outAxes, output), output, 'outAxes', operation, ofRank(1, operation));
      });
      return call.result(outputs) as ReturnType<Fun>;
    });
  };
}
