import { uint32 as uint32Dtype } from '../../foundation/values/dtypes.ts';
import {
  blockOf,
  type Dimension,
  isSameShape,
  lengthOf,
  slicedBlock,
  type WriteLayout,
  withoutLeadingOnes,
  writeLayout,
} from '../../foundation/values/index-layout.ts';
import { Handle, type IndexPart, Scalar } from '../../foundation/values/values.ts';
import { type CFunctions, type Lowering, type LoweringContext, range, refuse, single } from './lowering.ts';

export type Update = 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum';

/** By what subtracting and dividing become adding and multiplying. */
const BEFORE: Readonly<Partial<Record<Update | 'put', string>>> = { subtract: 'negative', divide: 'reciprocal' };

/** The endings of the C functions that write. */
const ENDINGS: Readonly<Record<Update | 'put', string>> = {
  put: '',
  add: '_add',
  subtract: '_add',
  multiply: '_prod',
  divide: '_prod',
  maximum: '_max',
  minimum: '_min',
};

type Parts = readonly IndexPart<Handle>[];

function reshaped(c: CFunctions, tensor: Handle, shape: readonly number[], context: LoweringContext): Handle {
  return isSameShape(context.shape(tensor), shape) ? tensor : single(c('reshape', tensor, shape));
}

function spread(c: CFunctions, tensor: Handle, shape: readonly number[], context: LoweringContext): Handle {
  return isSameShape(context.shape(tensor), shape) ? tensor : single(c('broadcast_to', tensor, shape));
}

/** Without the ones in front, which assignment overlooks. */
function trimmed(c: CFunctions, value: Handle, context: LoweringContext): Handle {
  return reshaped(c, value, withoutLeadingOnes(context.shape(value)), context);
}

/** What becomes of the value last, as in Python. */
function before(c: CFunctions, how: Update | 'put', value: Handle): Handle {
  const changed = BEFORE[how];
  return changed === undefined ? value : single(c(changed, value));
}

/** The value with axes for the numbers, made as Python makes them for `x[...] = value`. */
function besideNumbers(
  c: CFunctions,
  full: Handle,
  sizes: readonly number[],
  layout: Layout,
  context: LoweringContext,
) {
  const rank = sizes.length;
  const kept = range(rank).filter((axis) => !layout.numbers.has(axis));
  const inner = withoutLeadingOnes(kept.map((axis) => sizes[axis] as number));
  const extents = inner.length === 0 ? [1] : inner;
  // In front of all that the value has they are left out.
  const missing = [...layout.numbers.keys()]
    .filter((axis) => kept.filter((other) => other > axis).length < inner.length)
    .map((axis) => axis - rank);
  const value = reshaped(c, full, extents, context);
  return missing.length === 0 ? value : single(c('expand_dims_axes', value, missing));
}

/** Numbers, slices and new axes: one block, whose size along an axis is that of its slice. */
function writeBlock(
  c: CFunctions,
  how: Update | 'put',
  a: Handle,
  value: Handle,
  layout: Layout,
  context: LoweringContext,
) {
  const ending = ENDINGS[how];
  const shape = context.shape(a);
  const { starts, stops, steps, sizes } = blockOf(layout.dimensions, layout.numbers, shape);
  // A value of the block's own shape goes in as it is.
  if (isSameShape(context.shape(value), sizes)) {
    return c(`slice_update${ending}`, a, before(c, how, value), starts, stops, steps);
  }
  // Broadcast before it is reshaped, as on the other side: so that derivatives sum in the same order.
  const full = spread(c, trimmed(c, value, context), layout.dimensions.map(lengthOf), context);
  const block = how === 'put' ? besideNumbers(c, full, sizes, layout, context) : reshaped(c, full, sizes, context);
  return c(`slice_update${ending}`, a, before(c, how, block), starts, stops, steps);
}

type Layout = WriteLayout<Handle>;

/** The lengths of plain slices behind the last index tensor, and behind other slices with a step: as Python has it. */
function windowsOf(dimensions: readonly Dimension[], last: number): Map<number, number> {
  const windows = new Map<number, number>();
  let strided = dimensions.filter((dimension) => dimension.kind === 'slice' && dimension.step !== 1).length;
  for (const dimension of dimensions) {
    if (dimension.kind !== 'slice') continue;
    if (dimension.axis > last && dimension.step === 1 && strided <= 0) windows.set(dimension.axis, dimension.length);
    else strided--;
  }
  return windows;
}

/** Index tensors among the parts: a row of places for each element of theirs, a window along each plain slice. */
function writePlaces(
  c: CFunctions,
  how: Update | 'put',
  a: Handle,
  value: Handle,
  { dimensions, numbers, tensors }: Layout,
  context: LoweringContext,
) {
  const shape = context.shape(a);
  const uint32 = (elements: readonly number[], sizes: readonly number[]) =>
    single(c('astype', context.integers(elements, sizes), uint32Dtype));
  const windows = windowsOf(dimensions, Math.max(...tensors.keys()));
  // Index tensors and slices stand in the order of the result, so that derivatives sum as on the other side.
  const isWindow = (dimension: Dimension) => dimension.kind === 'slice' && windows.has(dimension.axis);
  const lines = dimensions.filter((dimension) => dimension.kind !== 'new' && !isWindow(dimension));
  const ones = (from: number) => range(lines.length - from).map(() => 1);
  const places = new Map<number, Handle>();
  for (const [axis, at] of numbers) places.set(axis, uint32([at], []));
  const behind = lines.map(({ kind }) => kind).lastIndexOf('picked') + 1;
  for (const [axis, tensor] of tensors) {
    places.set(axis, reshaped(c, tensor, [...context.shape(tensor), ...ones(behind)], context));
  }
  for (const dimension of dimensions) {
    if (dimension.kind !== 'slice') continue;
    const { axis, start, step, length } = dimension;
    if (isWindow(dimension)) {
      if (length !== shape[axis]) places.set(axis, uint32([start], []));
      continue;
    }
    const steps = range(length).map((i) => start + i * step);
    places.set(axis, uint32(steps, [length, ...ones(lines.indexOf(dimension) + 1)]));
  }

  const full = spread(c, value, dimensions.map(lengthOf), context);
  const inFront = range(dimensions.length).filter((i) => !isWindow(dimensions[i] as Dimension));
  const order = [...inFront, ...range(dimensions.length).filter((i) => !inFront.includes(i))];
  const turned = order.every((from, to) => from === to) ? full : single(c('transpose_axes', full, order));
  const sizes = [...lines.map(lengthOf), ...shape.map((_, axis) => windows.get(axis) ?? 1)];
  const axes = [...places.keys()].sort((x, y) => x - y);
  return c(
    `scatter${ENDINGS[how]}`,
    a,
    axes.map((axis) => places.get(axis) as Handle),
    before(c, how, reshaped(c, turned, sizes, context)),
    axes,
  );
}

/** `x[...] = value`, `x[None] = value` and those of a 0-d array: MLX does not cast here, so that the result has the dtype of the value, or of both together. */
function whole(
  c: CFunctions,
  how: Update | 'put',
  a: Handle,
  value: Handle,
  shape: readonly number[],
  context: LoweringContext,
) {
  const extents = withoutLeadingOnes(context.shape(value));
  const full = single(c('broadcast_to', reshaped(c, value, extents, context), shape));
  return how === 'put' ? full : c(how, a, full);
}

function write(c: CFunctions, how: Update | 'put', a: Handle, parts: Parts, given: Handle, context: LoweringContext) {
  const shape = context.shape(a);
  const block = slicedBlock(parts, shape);
  // As of a cache that grows by a step.
  if (block !== undefined && isSameShape(context.shape(given), block.sizes)) {
    const { starts, stops, steps } = block;
    return c(`slice_update${ENDINGS[how]}`, a, before(c, how, given), starts, stops, steps);
  }
  const layout = writeLayout<Handle>(parts, shape, (tensor) => context.shape(tensor));
  if (layout === undefined) return refuse('[scatter] The index arrays cannot be broadcast together.');
  // MLX divides by the size of what is written.
  if (layout.dimensions.some((dimension) => lengthOf(dimension) === 0) || shape.includes(0)) {
    return c('astype', a, context.dtype(a));
  }
  const isWhole = parts.length === 1 && (parts[0] === null || parts[0] === '...');
  if (isWhole || shape.length === 0) return whole(c, how, a, given, shape, context);
  if (layout.tensors.size > 0) return writePlaces(c, how, a, trimmed(c, given, context), layout, context);
  return writeBlock(c, how, a, given, layout, context);
}

function tensor(value: Handle | Scalar, context: LoweringContext): Handle {
  return value instanceof Scalar ? context.scalar(value.value, value.dtype) : value;
}

/** `a[parts] = value`, as a tensor of its own. */
export const assign: Lowering = (c, args, context) => {
  const [a, parts, given] = args as unknown as [Handle, Parts, Handle | Scalar];
  const value = tensor(given, context);
  const [sole] = parts;
  if (parts.length === 1 && sole instanceof Handle && context.dtype(sole).kind === 'bool') {
    if (context.shape(value).includes(0)) return c('astype', a, context.dtype(a));
    return c('masked_scatter', a, sole, value);
  }
  return write(c, 'put', a, parts, value, context);
};

/** `a.at[parts].add(value)` and its like. */
export function update(how: Update): Lowering {
  return (c, args, context) => {
    const [a, parts, given] = args as unknown as [Handle, Parts, Handle | Scalar];
    return write(c, how, a, parts, tensor(given, context), context);
  };
}
