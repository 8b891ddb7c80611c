import type { Normal } from './host.ts';

/** What a precondition may look at: the arguments by Python's names, and the shapes of tensors among them. */
export interface Given {
  value(name: string): Normal<object>;
  shape(name: string): readonly number[];
}

/** undefined when MLX may see the call; otherwise what was expected, and what came. */
export type Precondition = (given: Given) => string | undefined;

/** More elements than any memory holds: beyond it the sizes of MLX overflow, and it writes past the end. */
const MOST_ELEMENTS = 2 ** 44;

export function countable(shape: readonly number[], name: string): string | undefined {
  const negative = shape.find((extent) => extent < 0);
  if (negative !== undefined) return undefined;
  const size = shape.reduce((product, extent) => product * extent, 1);
  return size <= MOST_ELEMENTS
    ? undefined
    : `expected at most 2^44 elements for "${name}", received the shape [${shape}]`;
}

function positive(...names: string[]): Precondition {
  return (given) => {
    for (const name of names) {
      const value = given.value(name);
      if (typeof value === 'number' && value < 1) return `expected a number from 1 up for "${name}", received ${value}`;
    }
    return undefined;
  };
}

/** MLX divides by the elements of one matrix to count the matrices. */
const nonEmptyMatrix: Precondition = (given) => {
  const shape = given.shape('a');
  return shape.length >= 2 && shape.slice(-2).includes(0)
    ? `expected a matrix with at least one element for "a", received the shape [${shape}]`
    : undefined;
};

function square(name: string, ...sides: string[]): Precondition {
  return (given) => {
    const extents = sides.map((side) => given.value(side)).filter((extent) => typeof extent === 'number');
    return countable(extents.length === 1 ? [extents[0] as number, extents[0] as number] : extents, name);
  };
}

const inside: Precondition = (given) => {
  const shape = (given.value('shape') ?? given.shape('a')) as readonly number[];
  const strides = given.value('strides') as readonly number[] | null;
  const offset = given.value('offset') as number;
  const size = given.shape('a').reduce((product, extent) => product * extent, 1);
  const steps = strides ?? rowMajor(shape);
  if (steps.length !== shape.length) return undefined;
  if (shape.some((extent) => extent < 0) || shape.includes(0)) return undefined;
  const reach = shape.map((extent, axis) => (extent - 1) * (steps[axis] as number));
  const first = offset + reach.reduce((sum, step) => sum + Math.min(step, 0), 0);
  const last = offset + reach.reduce((sum, step) => sum + Math.max(step, 0), 0);
  if (first >= 0 && last < size) return undefined;
  return `expected elements 0 to ${size - 1}, but the shape, strides and offset reach from ${first} to ${last}`;
};

function rowMajor(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let step = 1;
  for (const extent of [...shape].reverse()) {
    strides.unshift(step);
    step *= extent;
  }
  return strides;
}

const inferable: Precondition = (given) => {
  const shape = given.value('shape') as readonly number[];
  return shape.includes(-1) && shape.includes(0)
    ? `expected no 0 beside the -1 that is to be inferred in "shape", received [${shape}]`
    : undefined;
};

const grouped = positive('groups');
const packed = positive('group_size', 'bits');

/**
 * Calls that would end the process, or never return, inside MLX itself: integer divisions by zero, wild reads, sizes
 * that overflow. They are refused before either backend sees them.
 */
export const PRECONDITIONS: Readonly<Record<string, Precondition>> = {
  as_strided: inside,
  unflatten: inferable,
  eye: square('n', 'n', 'm'),
  identity: square('n', 'n'),
  tri: square('n', 'n', 'm'),
  conv1d: grouped,
  conv2d: grouped,
  conv3d: grouped,
  conv_general: grouped,
  conv_transpose1d: grouped,
  conv_transpose2d: grouped,
  conv_transpose3d: grouped,
  quantize: packed,
  dequantize: packed,
  quantized_matmul: packed,
  gather_qmm: packed,
  qqmm: packed,
  gather_qqmm: packed,
  'linalg.inv': nonEmptyMatrix,
  'linalg.lu': nonEmptyMatrix,
  'linalg.lu_factor': nonEmptyMatrix,
  'linalg.tri_inv': nonEmptyMatrix,
  'linalg.cholesky_inv': nonEmptyMatrix,
  'linalg.solve': nonEmptyMatrix,
  'linalg.solve_triangular': nonEmptyMatrix,
};
