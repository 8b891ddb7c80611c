import type { Dtype } from '../../../foundation/values/dtypes.ts';
import { type Element, Scalar } from '../../../foundation/values/values.ts';
import type { Normal } from '../host.ts';

/** What a precondition may look at: the arguments by Python's names, and the shapes of tensors among them. */
export interface Given {
  /** Whether a transform is tracing, which may take the call's derivative. */
  readonly traced: boolean;
  value(name: string): Normal<object>;
  shape(name: string): readonly number[];
  shapeOf(tensor: object): readonly number[];
  dtypeOf(tensor: object): Dtype;
  /** The elements of a tensor, which evaluates it; undefined where that cannot be. */
  elements(tensor: object): readonly Element[] | undefined;
  /** Indices that were given as numbers, or as a tensor while those are looked into; undefined otherwise. */
  integers(name: string): readonly number[] | undefined;
}

/**
 * Refuses calls that would end the process, or never return, inside MLX itself: integer divisions by zero, reads out of
 * bounds, sizes that overflow. Rows of the catalogue name theirs, and neither backend sees what one of them refuses.
 * undefined when MLX may see the call; otherwise what was expected, and what came.
 */
export type Precondition = (given: Given) => string | undefined;

/** Numbers from 1 up, where they are numbers. */
export function positive(...names: string[]): Precondition {
  return (given) => {
    for (const name of names) {
      const value = given.value(name);
      if (typeof value === 'number' && value < 1) return `expected a number from 1 up for "${name}", received ${value}`;
    }
    return undefined;
  };
}

/** MLX divides by the sizes of these tensors; a null or a number among them is let be. */
export function filled(...names: string[]): Precondition {
  return (given) => {
    for (const name of names) {
      const value = given.value(name);
      if (typeof value !== 'object' || value === null || value instanceof Scalar) continue;
      const shape = given.shape(name);
      if (shape.includes(0)) return `expected at least one element for "${name}", received the shape [${shape}]`;
    }
    return undefined;
  };
}

/** The derivatives of these count by dividing by the elements. */
export function filledInTrace(...names: string[]): Precondition {
  const check = filled(...names);
  return (given) => {
    const problem = given.traced ? check(given) : undefined;
    return problem === undefined ? undefined : `inside a transform, ${problem}`;
  };
}

/** As many as nested lists have levels. MLX's own work grows with each, however few elements there are. */
const MOST_DIMENSIONS = 64;

/** More elements than any memory holds: beyond it the sizes of MLX overflow, and it writes past the end. */
const MOST_ELEMENTS = 2 ** 44;

/** Whether an array may have that shape, which the argument of that name asks for. */
export function countable(shape: readonly number[], name: string): string | undefined {
  if (shape.length > MOST_DIMENSIONS) {
    return `expected at most ${MOST_DIMENSIONS} dimensions for "${name}", received ${shape.length}`;
  }
  const negative = shape.find((extent) => extent < 0);
  if (negative !== undefined) return undefined;
  const size = shape.reduce((product, extent) => product * extent, 1);
  return size <= MOST_ELEMENTS
    ? undefined
    : `expected at most 2^44 elements for "${name}", received the shape [${shape}]`;
}

/** The extent of an axis, or of all elements where it is null; undefined where there is no such axis. */
export function extentAlong(shape: readonly number[], axis: number | null): number | undefined {
  if (axis === null) return shape.reduce((product, extent) => product * extent, 1);
  return shape[axis < 0 ? axis + shape.length : axis];
}

export const isCount = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0;

/** Of what a parameter of any kind lets through, only tensors are objects of a class of their own. */
export function isTensor(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}
