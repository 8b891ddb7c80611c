import { describeValue, typed } from '../registry/arguments/describe.ts';
import { flatten } from '../registry/arguments/nested.ts';
import * as dtypes from '../registry/dtypes.ts';
import { encode } from '../registry/elements.ts';
import { ArgumentError } from '../registry/errors.ts';
import { Complex, type Element } from '../registry/values.ts';
import { dtypeOfView } from '../registry/views.ts';
import { asElement, naturalDtype, typedScalar } from '../registry/weak.ts';
import { named } from '../router/residency.ts';
import { Tensor } from '../router/tensor.ts';
import { router } from './runtime.ts';

const EXPECTED = 'numbers, bigints, booleans or complex numbers in a regular nested list, a typed array, or an array';

function fail(message: string): never {
  throw new ArgumentError(message, { operation: 'mx.array' });
}

/** The array of what is given: DESIGN's rules fix the dtype where none is asked for. */
export function construct(data: unknown, dtype: unknown): Tensor {
  try {
    return constructed(data, dtype);
  } catch (error) {
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
  if (wanted === undefined || wanted === dtypes.float32) {
    const floats = plainNumbers(data);
    if (floats !== undefined) return router.create(new Uint8Array(floats.buffer), [floats.length], dtypes.float32);
  }
  return fromElements(data, wanted);
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

/** A list of nothing but numbers, which is what most arrays are made of; undefined for any other. */
function plainNumbers(data: unknown): Float32Array<ArrayBuffer> | undefined {
  if (!Array.isArray(data) || data.length > MOST_NUMBERS) return undefined;
  const floats = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value: unknown = data[i];
    if (typeof value !== 'number') return undefined;
    floats[i] = value;
  }
  return floats;
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
