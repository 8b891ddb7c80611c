import type { Dtype } from '../dtypes.ts';
import { camelCase } from '../naming.ts';
import { type Element, Scalar } from '../values.ts';
import { convolutionEdges } from './convolution-edges.ts';
import { describeValue } from './describe.ts';
import type { Normal } from './host.ts';
import { writable } from './written.ts';

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
  if (steps.length !== shape.length) {
    return `expected one stride for each of ${shape.length} sizes, received ${steps.length}`;
  }
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

/** The extent of an axis, or of all elements where it is null; undefined where there is no such axis. */
function extentAlong(shape: readonly number[], axis: number | null): number | undefined {
  if (axis === null) return shape.reduce((product, extent) => product * extent, 1);
  return shape[axis < 0 ? axis + shape.length : axis];
}

/** MLX divides by the extent, and in a scan by that of the last axis too. */
function filledAxis(...alsoAlong: number[]): Precondition {
  return (given) => {
    const shape = given.shape('a');
    const axes = [given.value('axis') as number | null, ...alsoAlong];
    return axes.some((axis) => extentAlong(shape, axis) === 0)
      ? `expected at least one element along the axis, received the shape [${shape}]`
      : undefined;
  };
}

/** Numbers are held against the axis, for MLX reads or writes stray memory out there. */
const withinAxis: Precondition = (given) => {
  const axis = given.value('axis') as number | null;
  const extent = extentAlong(given.shape('a'), axis);
  if (extent === undefined) return undefined;
  if (extent === 0 && !given.shape('indices').includes(0)) {
    return `expected at least one element to pick from, received the shape [${given.shape('a')}]`;
  }
  const wrong = given.integers('indices')?.find((index) => index < -extent || index >= extent);
  if (wrong === undefined) return undefined;
  const place = axis === null ? 'the array' : `axis ${axis}`;
  return `expected indices from ${-extent} to ${extent - 1}, for ${place} has ${extent} elements, received ${wrong}`;
};

function withinBlock(sizes: (given: Given) => readonly number[]): Precondition {
  return (given) => {
    const shape = given.shape('a');
    const block = sizes(given);
    const starts = given.integers('start_indices') ?? [];
    const wrong = block.findIndex((size, axis) => size < 0 || size > (shape[axis] ?? 0));
    if (wrong !== -1) {
      return `expected a block within the shape [${shape}], received the size ${block[wrong]} for axis ${wrong}`;
    }
    for (const [i, axis] of (given.value('axes') as readonly number[]).entries()) {
      const at = axis < 0 ? axis + shape.length : axis;
      const [start, extent, size] = [starts[i], shape[at], block[at]];
      if (start === undefined || extent === undefined || size === undefined) continue;
      if (start < 0 || start + size > extent) {
        return `expected a block of ${size} within the ${extent} elements of axis ${axis}, received the start ${start}`;
      }
    }
    return undefined;
  };
}

/** MLX spreads an update of fewer dimensions over the block in a way of its own, and starts it anywhere. */
const sameRank: Precondition = (given) => {
  const [a, update] = [given.shape('a'), given.shape('update')];
  return a.length === update.length
    ? undefined
    : `expected "update" with ${a.length} dimensions, as "a" has, received the shape [${update}]`;
};

/** Each target picks one of the classes. */
const classes: Precondition = (given) => {
  const shape = given.shape('logits');
  return shape.at(-1) === 0 && !given.shape('targets').includes(0)
    ? `expected at least one class in "logits", received the shape [${shape}]`
    : undefined;
};

/** MLX sums over the columns from the first to the second number of each pair, wherever they lie. */
const withinInner: Precondition = (given) => {
  const inner = given.shape('a').at(-1) ?? 0;
  const wrong = given.integers('segments')?.find((index) => index < 0 || index > inner);
  return wrong === undefined ? undefined : `expected segments within 0 to ${inner}, received ${wrong}`;
};

const isCount = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isCounts = (value: unknown, length: number) =>
  Array.isArray(value) && value.length === length && value.every(isCount);

const padWidth: Precondition = (given) => {
  const width: unknown = given.value('pad_width');
  if (isCount(width) || isCounts(width, 1) || isCounts(width, 2)) return undefined;
  if (Array.isArray(width) && width.length > 0 && width.every((pair) => isCounts(pair, 2))) return undefined;
  return `expected a count, a pair of counts, or a list of pairs for "padWidth", received ${describeValue(width)}`;
};

const atLeastOne =
  (name: string): Precondition =>
  (given) =>
    (given.value(name) as readonly unknown[]).length > 0 ? undefined : `expected at least one array for "${name}"`;

const tensordotAxes: Precondition = (given) => {
  const axes: unknown = given.value('axes');
  const isList = (list: unknown) => Array.isArray(list) && list.every(Number.isInteger);
  if (isCount(axes) || (Array.isArray(axes) && axes.length === 2 && axes.every(isList))) return undefined;
  return `expected a count, or one list of axes for each array, for "axes", received ${describeValue(axes)}`;
};

/** MLX divides by how many there are to permute. */
const permutable: Precondition = (given) => {
  const x = given.value('x');
  if (typeof x === 'object' && x !== null && !Array.isArray(x)) {
    const shape = given.shape('x');
    return extentAlong(shape, given.value('axis') as number) === 0
      ? `expected at least one slice to permute in "x", received the shape [${shape}]`
      : undefined;
  }
  if (isCount(x) && x !== 0 && (x as number) < 2 ** 31) return undefined;
  return `expected an array, or a count from 1 up, for "x", received ${describeValue(x)}`;
};

/** Beyond the matrix MLX sums an empty view, and where there is a batch it never returns. */
const onMatrix: Precondition = (given) => {
  const shape = given.shape('a');
  const rows = extentAlong(shape, given.value('axis1') as number);
  const columns = extentAlong(shape, given.value('axis2') as number);
  const offset = given.value('offset') as number;
  if (rows === undefined || columns === undefined || shape.length < 3) return undefined;
  if (rows > Math.max(-offset, 0) && columns > Math.max(offset, 0)) return undefined;
  return `expected an offset from ${1 - rows} to ${columns - 1} in the shape [${shape}], received ${offset}`;
};

const inferable: Precondition = (given) => {
  const shape = given.value('shape') as readonly number[];
  return shape.includes(-1) && shape.includes(0)
    ? `expected no 0 beside the -1 that is to be inferred in "shape", received [${shape}]`
    : undefined;
};

/** The first of them that has something against the call. */
function every(...preconditions: readonly Precondition[]): Precondition {
  return (given) => {
    for (const precondition of preconditions) {
      const problem = precondition(given);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

/** MLX divides by the sizes of these tensors; a null or a number among them is let be. */
function filled(...names: string[]): Precondition {
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

const isNumberOrThree = (value: unknown) => typeof value === 'number' || (Array.isArray(value) && value.length === 3);

function triples(...names: string[]): Precondition {
  return (given) => {
    for (const name of names) {
      const value: unknown = given.value(name);
      if (isNumberOrThree(value)) continue;
      return `expected a number or three of them for "${camelCase(name)}", received ${describeValue(value)}`;
    }
    return undefined;
  };
}

/** Of what a parameter of any kind lets through, only tensors are objects of a class of their own. */
function isTensor(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}

const offset: Precondition = (given) => {
  const value = given.value('offset');
  if (Number.isInteger(value) || isTensor(value)) return undefined;
  return `expected an integer or an array for "offset", received ${describeValue(value)}`;
};

const mask: Precondition = (given) => {
  const value = given.value('mask');
  if (value === null || typeof value === 'string' || isTensor(value)) return undefined;
  return `expected "causal" or an array for "mask", received ${describeValue(value)}`;
};

const isIntegers = (value: unknown) => Array.isArray(value) && value.every(Number.isInteger);

const paddings: Precondition = (given) => {
  const value: unknown = given.value('padding');
  if (Number.isInteger(value) || isIntegers(value)) return undefined;
  if (Array.isArray(value) && value.length === 2 && value.every(isIntegers)) return undefined;
  return `expected a number, a list of them, or two such lists for "padding", received ${describeValue(value)}`;
};

const order: Precondition = (given) => {
  const value = given.value('ord');
  if (value === null || typeof value === 'number' || typeof value === 'string') return undefined;
  return `expected a number or a word such as "fro" for "ord", received ${describeValue(value)}`;
};

/** The seeds that a 64-bit integer holds. */
const seed: Precondition = (given) => {
  const value = given.value('seed');
  const integral = typeof value === 'bigint' || Number.isInteger(value);
  return integral && (value as number) >= 0 && (value as number) < 2 ** 64
    ? undefined
    : `expected an integer from 0 to 2^64 - 1 for "seed", received ${describeValue(value)}`;
};

/** Numbers among the indices are held against the batches that they pick from. */
function withinBatches(...pairs: readonly (readonly [indices: string, tensor: string])[]): Precondition {
  return (given) => {
    for (const [indices, tensor] of pairs) {
      const batches = given
        .shape(tensor)
        .slice(0, -2)
        .reduce((product, extent) => product * extent, 1);
      if (batches === 0 && given.value(indices) !== null && !given.shape(indices).includes(0)) {
        return `expected at least one batch in "${tensor}" to pick from, received the shape [${given.shape(tensor)}]`;
      }
      const stray = given.integers(indices)?.find((index) => index < 0 || index >= batches);
      if (stray === undefined) continue;
      return `expected "${camelCase(indices)}" from 0 to ${batches - 1}, for "${tensor}" has ${batches} batches, received ${stray}`;
    }
    return undefined;
  };
}

/** The quantizing kernels take a float64 for floats of another width. */
function narrow(name: string): Precondition {
  return (given) => {
    const tensor = given.value(name);
    if (typeof tensor !== 'object' || tensor === null) return undefined;
    const dtype = given.dtypeOf(tensor);
    return dtype.name === 'float64'
      ? `expected float32, float16 or bfloat16 for "${name}", received ${dtype.name}`
      : undefined;
  };
}

const grouped = positive('groups');
/** MLX holds only the last sizes of these against each other, and reads on behind the smaller one. */
const scaled: Precondition = (given) => {
  const rows = given.shape('w').slice(0, -1);
  for (const name of ['scales', 'biases']) {
    const value = given.value(name);
    if (typeof value !== 'object' || value === null) continue;
    const shape = given.shape(name);
    if (String(shape.slice(0, -1)) === String(rows)) continue;
    return `expected "${name}" with the rows of "w", [${given.shape('w')}], received the shape [${shape}]`;
  }
  return undefined;
};

const packed = every(positive('group_size', 'bits'), filled('w', 'scales', 'x'), scaled);

/** The derivatives of these count by dividing by the elements. */
function filledInTrace(...names: string[]): Precondition {
  const check = filled(...names);
  return (given) => {
    const problem = given.traced ? check(given) : undefined;
    return problem === undefined ? undefined : `inside a transform, ${problem}`;
  };
}

/** The gradient of an exclusive maximum is a scan over the elements but one, and a scan over none divides by zero. */
const extremeScan: Precondition = every(filled('a'), (given) => {
  const shape = given.shape('a');
  const axis = given.value('axis') as number | null;
  const size = axis === null ? shape.reduce((product, extent) => product * extent, 1) : shape.at(axis);
  if (given.value('inclusive') === false && size === 1) {
    return `expected more than one element along the axis for "inclusive" false, received the shape [${shape}]`;
  }
  if (given.traced && given.dtypeOf(given.value('a') as object).kind === 'complex') {
    return 'inside a transform, expected real elements for "a": the gradient of complex ones reads stray memory';
  }
  return undefined;
});

/**
 * Calls that would end the process, or never return, inside MLX itself: integer divisions by zero, wild reads, sizes
 * that overflow. They are refused before either backend sees them.
 */
export const PRECONDITIONS: Readonly<Record<string, Precondition>> = {
  as_strided: inside,
  tensordot: tensordotAxes,
  trace: every(onMatrix, filledInTrace('a')),
  diagonal: every(onMatrix, filledInTrace('a')),
  'random.permutation': every(permutable, filledInTrace('x')),
  depends: atLeastOne('inputs'),
  pad: padWidth,
  all: filledInTrace('a'),
  any: filledInTrace('a'),
  prod: filledInTrace('a'),
  array_equal: filledInTrace('a', 'b'),
  allclose: filledInTrace('a', 'b'),
  sort: filledAxis(),
  argsort: filledAxis(),
  cumsum: filled('a'),
  cumprod: filled('a'),
  cummax: extremeScan,
  cummin: extremeScan,
  logcumsumexp: filled('a'),
  take: every(withinAxis, filledInTrace('a')),
  take_along_axis: withinAxis,
  put_along_axis: withinAxis,
  index_put: writable,
  index_add: writable,
  index_subtract: writable,
  index_multiply: writable,
  index_divide: writable,
  index_maximum: writable,
  index_minimum: writable,
  slice: withinBlock((given) => given.value('slice_size') as readonly number[]),
  slice_update: every(
    sameRank,
    withinBlock((given) => given.shape('update')),
  ),
  unflatten: inferable,
  eye: square('n', 'n', 'm'),
  identity: square('n', 'n'),
  tri: square('n', 'n', 'm'),
  conv1d: every(grouped, convolutionEdges),
  conv2d: every(grouped, convolutionEdges),
  conv3d: every(grouped, triples('stride', 'padding', 'dilation'), convolutionEdges),
  conv_general: every(grouped, paddings, convolutionEdges),
  conv_transpose1d: grouped,
  conv_transpose2d: grouped,
  conv_transpose3d: every(grouped, triples('stride', 'padding', 'dilation', 'output_padding')),
  quantize: every(positive('group_size', 'bits'), filled('w'), narrow('w')),
  dequantize: packed,
  quantized_matmul: packed,
  segmented_mm: withinInner,
  gather_mm: every(withinBatches(['lhs_indices', 'a'], ['rhs_indices', 'b']), filledInTrace('a', 'b')),
  gather_qmm: every(packed, withinBatches(['lhs_indices', 'x'], ['rhs_indices', 'w'])),
  qqmm: every(packed, narrow('x'), narrow('w')),
  gather_qqmm: every(packed, withinBatches(['lhs_indices', 'x'], ['rhs_indices', 'w'])),
  'random.key': seed,
  'fast.cross_entropy': classes,
  'fast.rope': offset,
  'fast.scaled_dot_product_attention': mask,
  'linalg.norm': order,
  'linalg.inv': nonEmptyMatrix,
  'linalg.lu': nonEmptyMatrix,
  'linalg.lu_factor': nonEmptyMatrix,
  'linalg.tri_inv': nonEmptyMatrix,
  'linalg.cholesky_inv': nonEmptyMatrix,
  'linalg.solve': nonEmptyMatrix,
  'linalg.solve_triangular': nonEmptyMatrix,
};
