import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import * as mx from '../core.ts';

// Initializers: functions that give a new array of the shape of the one that they get. What is drawn follows the global
// random sequence, as in Python.

export type Initializer = (array: Tensor) => Tensor;
/** `gain` multiplies what is drawn. */
export type GainInitializer = (array: Tensor, gain?: number) => Tensor;
export type FanMode = 'fan_in' | 'fan_out';
export type FanInitializer = (array: Tensor, mode?: FanMode, gain?: number) => Tensor;

function fail(operation: string, message: string): never {
  throw new ArgumentError(message, { operation });
}

/** Every element the same. */
export function constant(value: number, dtype: Dtype = mx.float32): Initializer {
  return (array) => mx.full(array.shape, value, dtype);
}

/** A normal distribution. */
export function normal(mean = 0, std = 1, dtype: Dtype = mx.float32): Initializer {
  return (array) => mx.random.normal(array.shape, dtype, mean, std);
}

/** A uniform distribution, `high` excluded. */
export function uniform(low = 0, high = 1, dtype: Dtype = mx.float32): Initializer {
  return (array) => mx.random.uniform(low, high, array.shape, dtype);
}

/** The identity matrix. @throws ArgumentError for an array that is no square matrix. */
export function identity(dtype: Dtype = mx.float32): Initializer {
  return (array) => {
    const [rows, columns] = array.shape;
    if (array.ndim !== 2 || rows !== columns) {
      fail('nn.init.identity', `expected a square matrix, received an array of the shape [${array.shape}]`);
    }
    return mx.eye(rows as number, { dtype });
  };
}

/** How many inputs a unit of the layer with this weight has, and how many outputs. */
function fans(array: Tensor, operation: string): { fanIn: number; fanOut: number } {
  const { shape } = array;
  if (shape.length < 2) fail(operation, `expected an array of at least 2 dimensions, received the shape [${shape}]`);
  const field = shape.slice(1, -1).reduce((product, extent) => product * extent, 1);
  return { fanIn: (shape.at(-1) as number) * field, fanOut: (shape[0] as number) * field };
}

/** A normal distribution of the deviation `gain · √(2 / (fan_in + fan_out))`. */
export function glorotNormal(dtype: Dtype = mx.float32): GainInitializer {
  return (array, gain = 1) => {
    const { fanIn, fanOut } = fans(array, 'nn.init.glorotNormal');
    return mx.random.normal(array.shape, dtype, { scale: gain * Math.sqrt(2 / (fanIn + fanOut)) });
  };
}

/** A uniform distribution within `gain · √(6 / (fan_in + fan_out))`. */
export function glorotUniform(dtype: Dtype = mx.float32): GainInitializer {
  return (array, gain = 1) => {
    const { fanIn, fanOut } = fans(array, 'nn.init.glorotUniform');
    const limit = gain * Math.sqrt(6 / (fanIn + fanOut));
    return mx.random.uniform(-limit, limit, array.shape, dtype);
  };
}

function fanOf(array: Tensor, mode: FanMode, operation: string): number {
  const { fanIn, fanOut } = fans(array, operation);
  if (mode === 'fan_in') return fanIn;
  if (mode === 'fan_out') return fanOut;
  return fail(operation, `expected "fan_in" or "fan_out" as the mode, received ${describeValue(mode)}`);
}

/** A normal distribution of the deviation `gain / √fan`. */
export function heNormal(dtype: Dtype = mx.float32): FanInitializer {
  return (array, mode = 'fan_in', gain = 1) =>
    mx.random.normal(array.shape, dtype, { scale: gain / Math.sqrt(fanOf(array, mode, 'nn.init.heNormal')) });
}

/** A uniform distribution within `gain · √(3 / fan)`. */
export function heUniform(dtype: Dtype = mx.float32): FanInitializer {
  return (array, mode = 'fan_in', gain = 1) => {
    const limit = gain * Math.sqrt(3 / fanOf(array, mode, 'nn.init.heUniform'));
    return mx.random.uniform(-limit, limit, array.shape, dtype);
  };
}

/** A normal distribution, in which the share `sparsity` of each row is 0. */
export function sparse(sparsity: number, mean = 0, std = 1, dtype: Dtype = mx.float32): Initializer {
  return (array) => {
    const { shape } = array;
    if (shape.length !== 2) fail('nn.init.sparse', `expected a matrix, received an array of the shape [${shape}]`);
    const [rows, columns] = shape as [number, number];
    const zeros = Math.ceil(sparsity * columns);
    const order = mx.argsort(mx.random.uniform({ shape }), 1);
    const drawn = mx.random.normal(shape, dtype, mean, std);
    const places = [mx.arange(rows).reshape(rows, 1), order.index('...', new mx.Slice(null, zeros))] as const;
    return mx.indexPut(drawn, places, 0);
  };
}

/** An orthogonal matrix times `gain`. */
export function orthogonal(gain = 1, dtype: Dtype = mx.float32): Initializer {
  return (array) => {
    const { shape } = array;
    if (shape.length !== 2) fail('nn.init.orthogonal', `expected a matrix, received an array of the shape [${shape}]`);
    const [rows, columns] = shape as [number, number];
    const n = Math.max(rows, columns);
    const [q, r] = mx.linalg.qr(mx.random.normal([n, n]), { stream: mx.cpu }) as [Tensor, Tensor];
    const signed = q.multiply(mx.sign(mx.diag(r)));
    return signed.index(new mx.Slice(null, rows), new mx.Slice(null, columns)).multiply(gain).astype(dtype);
  };
}
