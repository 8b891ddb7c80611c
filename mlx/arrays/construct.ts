import { ArgumentError } from '../../foundation/errors/errors.ts';
import * as dtypes from '../../foundation/values/dtypes.ts';
import { encode } from '../../foundation/values/elements.ts';
import { Complex, type Element } from '../../foundation/values/values.ts';
import { dtypeOfView } from '../../foundation/values/views.ts';
import { asElement, naturalDtype, typedScalar } from '../../foundation/values/weak.ts';
import { describeValue, typed } from '../../registry/arguments/describe.ts';
import { flatten } from '../../registry/arguments/nested.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import { named } from '../../router/tensors/residency.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import { router } from '../../runtime/runtime.ts';

const EXPECTED = 'numbers, bigints, booleans or complex numbers in a regular nested list, a typed array, or an array';

function fail(message: string): never {
  throw new ArgumentError(message, { operation: 'mx.array' });
}

/** The array of what is given: DESIGN's rules fix the dtype where none is asked for. */
export function construct(data: unknown, dtype: unknown): Tensor {
  try {
    return constructed(data, dtype);
  } catch (error) {
    disregard(data);
    throw named(typed(error, 'mx.array'), 'mx.array');
  }
}

function constructed(data: unknown, dtype: unknown): Tensor {
  if (dtype !== undefined && dtype !== null && !(dtype instanceof dtypes.Dtype)) {
    fail(`expected a dtype such as mx.float32 for "dtype", received ${describeValue(dtype)}`);
  }
  const wanted = dtype instanceof dtypes.Dtype ? dtype : undefined;
  if (data instanceof Tensor) return convert(data, wanted);
  if (ArrayBuffer.isView(data)) return fromTypedArray(data, wanted);
  return fromNumbers(data, wanted ?? dtypes.float32) ?? fromElements(data, wanted);
}

function convert(tensor: Tensor, dtype: dtypes.Dtype | undefined): Tensor {
  const target = dtype ?? router.info(tensor).dtype;
  return router.call(router.prepare('astype'), [tensor, target]) as Tensor;
}

function fromTypedArray(view: ArrayBufferView, dtype: dtypes.Dtype | undefined): Tensor {
  const own = dtypeOfView(view);
  if (own === undefined) fail(`expected ${EXPECTED}, received ${describeValue(view)}`);
  // A GPU has no float64 to convert from; MLX too goes through single precision.
  if (view instanceof Float64Array && dtype !== undefined && dtype !== own && dtypes.isInexact(dtype)) {
    return fromTypedArray(new Float32Array(view), dtype);
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const tensor = router.create(bytes, [view.byteLength / own.size], own);
  return dtype === undefined || dtype === own ? tensor : convert(tensor, dtype);
}

/** A list that only claims to be longer goes the way that looks at it more closely. */
const MOST_NUMBERS = 2 ** 26;
/** Deeper lists too. */
const MOST_LEVELS = 8;
/** Small arrays are written here: memory of their own costs more than all else of them. */
const scratch = new Float32Array(256);
const scratchBytes = new Uint8Array(scratch.buffer);
let scratchIsFree = true;

/** A nested list of nothing but numbers, which is what most arrays are made of; undefined for any other. */
function fromNumbers(data: unknown, dtype: dtypes.Dtype): Tensor | undefined {
  const width = dtype === dtypes.float32 ? 1 : dtype === dtypes.complex64 ? 2 : 0;
  if (width === 0 || !Array.isArray(data)) return undefined;
  const shape: number[] = [];
  let size = width;
  for (let level: unknown = data; Array.isArray(level); level = level[0]) {
    size *= level.length;
    if (shape.push(level.length) > MOST_LEVELS || size > MOST_NUMBERS) return undefined;
  }
  // To read a list may run code of the caller's, which may come here.
  const isSmall = size <= scratch.length && scratchIsFree;
  const floats = isSmall ? scratch : new Float32Array(size);
  try {
    if (isSmall) scratchIsFree = false;
    if (fill(floats, 0, data, shape, 0, width) !== size) return undefined;
    return router.create(isSmall ? scratchBytes.subarray(0, size * 4) : new Uint8Array(floats.buffer), shape, dtype);
  } finally {
    if (isSmall) scratchIsFree = true;
  }
}

/** Writes the numbers of the list from there on, and gives where they end; -1 where something else stands among them. */
function fill(
  floats: Float32Array,
  start: number,
  list: readonly unknown[],
  shape: readonly number[],
  depth: number,
  width: number,
): number {
  const length = shape[depth] as number;
  if (list.length !== length) return -1;
  let at = start;
  for (let i = 0; i < length; i++) {
    const item = list[i];
    if (depth + 1 < shape.length) {
      at = Array.isArray(item) ? fill(floats, at, item, shape, depth + 1, width) : -1;
      if (at < 0) return -1;
    } else {
      if (typeof item !== 'number') return -1;
      floats[at] = item;
      if (width === 2) floats[at + 1] = 0;
      at += width;
    }
  }
  return at;
}

function fromElements(data: unknown, dtype: dtypes.Dtype | undefined): Tensor {
  const nested = flatten(data);
  if (typeof nested === 'string') fail(`expected a regular nested list, received ${nested}`);
  const { flat, shape } = nested;
  if (flat.some((item) => item instanceof Tensor)) return stackNested(data as readonly unknown[], dtype);
  const elements = flat.map((item) => asElement(item) ?? fail(`expected ${EXPECTED}, received ${describeValue(item)}`));
  const target = dtype ?? commonDtype(elements);
  return router.create(encodeAs(elements, target), shape, target);
}

/** Lists that hold arrays are stacked along new first axes, as Python does. */
function stackNested(items: readonly unknown[], dtype: dtypes.Dtype | undefined): Tensor {
  const parts = items.map((item) => construct(item, dtype));
  return router.call(router.prepare('stack'), [parts]) as Tensor;
}

function commonDtype(elements: readonly Element[]): dtypes.Dtype {
  let common: dtypes.Dtype | undefined;
  for (const element of elements) {
    const own = naturalDtype(element);
    if (common === undefined || common === own) common = own;
    else if (common === dtypes.complex64 || own === dtypes.complex64) common = dtypes.complex64;
    else if (common === dtypes.float32 || own === dtypes.float32) common = dtypes.float32;
    else common = dtypes.int64;
  }
  return common ?? dtypes.float32;
}

function encodeAs(elements: readonly Element[], dtype: dtypes.Dtype): Uint8Array {
  if (dtype.kind === 'int' || dtype.kind === 'uint') {
    return encode(
      elements.map((element) => wholeNumber(element, dtype)),
      dtype,
    );
  }
  if (dtype.kind !== 'complex' && elements.some((element) => element instanceof Complex)) {
    fail(`expected real numbers for ${dtype.name}, received a complex one`);
  }
  return encode(elements, dtype);
}

function wholeNumber(element: Element, dtype: dtypes.Dtype): Element {
  if (element instanceof Complex) fail(`expected integers for ${dtype.name}, received a complex number`);
  if (typeof element === 'boolean') return element;
  const number = typeof element === 'number' ? Math.trunc(element) : element;
  if (typeof number === 'number' && !Number.isFinite(number)) {
    fail(`expected integers for ${dtype.name}, received ${number}`);
  }
  const scalar = typedScalar(number, dtype);
  if (typeof scalar === 'string') fail(scalar);
  return scalar.value;
}
