import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { checkArray } from '../arguments/checks.ts';
import { array, choice, dtype, number, or, signature } from '../arguments/signature.ts';
import * as mx from '../core.ts';

// Initializers: functions that give a new array of the shape of the one that they get. What is drawn follows the global
// random sequence, as in Python. Settings come in Python's order, or from any place on in an object at the end.

export type Initializer = (array: Tensor) => Tensor;
/** `gain` multiplies what is drawn. */
export type GainInitializer = (array: Tensor, gain?: number | { gain?: number }) => Tensor;
export type FanMode = 'fan_in' | 'fan_out';

interface FanOptions {
  mode?: FanMode;
  gain?: number;
}

export type FanInitializer = (array: Tensor, mode?: FanMode | FanOptions, gain?: number | FanOptions) => Tensor;

interface DtypeOptions {
  dtype?: Dtype;
}

function fail(operation: string, message: string): never {
  throw new ArgumentError(message, { operation });
}

/** @throws ArgumentError for what is no matrix. */
function checkMatrix(given: Tensor, operation: string): [rows: number, columns: number] {
  checkArray(given, 'array', operation);
  const { shape } = given;
  if (shape.length !== 2) fail(operation, `expected a matrix, received an array of the shape [${shape}]`);
  return shape as [number, number];
}

const kindOfDtype = { dtype: or(dtype, mx.float32) };
const constantArguments = signature('nn.init.constant', { value: number, ...kindOfDtype });

/** Every element the same. */
export function constant(value: number, dtype?: Dtype | DtypeOptions): Initializer;
export function constant(...args: unknown[]): Initializer {
  const { value, dtype } = constantArguments(args);
  return (array) => {
    checkArray(array, 'array', 'nn.init.constant');
    return mx.full(array.shape, value, dtype);
  };
}

interface NormalOptions extends DtypeOptions {
  mean?: number;
  std?: number;
}

const normalArguments = signature('nn.init.normal', { mean: or(number, 0), std: or(number, 1), ...kindOfDtype });

/** A normal distribution; by default of the mean 0 and the deviation 1. */
export function normal(
  mean?: number | NormalOptions,
  std?: number | NormalOptions,
  dtype?: Dtype | DtypeOptions,
): Initializer;
export function normal(...args: unknown[]): Initializer {
  const { mean, std, dtype } = normalArguments(args);
  return (array) => {
    checkArray(array, 'array', 'nn.init.normal');
    return mx.random.normal(array.shape, dtype, mean, std);
  };
}

interface UniformOptions extends DtypeOptions {
  low?: number;
  high?: number;
}

const uniformArguments = signature('nn.init.uniform', { low: or(number, 0), high: or(number, 1), ...kindOfDtype });

/** A uniform distribution, `high` excluded; by default from 0 to 1. */
export function uniform(
  low?: number | UniformOptions,
  high?: number | UniformOptions,
  dtype?: Dtype | DtypeOptions,
): Initializer;
export function uniform(...args: unknown[]): Initializer {
  const { low, high, dtype } = uniformArguments(args);
  return (array) => {
    checkArray(array, 'array', 'nn.init.uniform');
    return mx.random.uniform(low, high, array.shape, dtype);
  };
}

const identityArguments = signature('nn.init.identity', kindOfDtype);

/** The identity matrix. @throws ArgumentError for an array that is no square matrix. */
export function identity(dtype?: Dtype | DtypeOptions): Initializer;
export function identity(...args: unknown[]): Initializer {
  const { dtype } = identityArguments(args);
  return (array) => {
    checkArray(array, 'array', 'nn.init.identity');
    const [rows, columns] = array.shape;
    if (array.ndim !== 2 || rows !== columns) {
      fail('nn.init.identity', `expected a square matrix, received an array of the shape [${array.shape}]`);
    }
    return mx.eye(rows as number, { dtype });
  };
}

/** How many inputs a unit of the layer with this weight has, and how many outputs. */
function fansOf(array: Tensor, operation: string): { fanIn: number; fanOut: number } {
  const { shape } = array;
  if (shape.length < 2) fail(operation, `expected an array of at least 2 dimensions, received the shape [${shape}]`);
  const field = shape.slice(1, -1).reduce((product, extent) => product * extent, 1);
  return { fanIn: (shape.at(-1) as number) * field, fanOut: (shape[0] as number) * field };
}

type Draw<Settings> = (array: Tensor, settings: Settings, dtype: Dtype) => Tensor;

/** Initializers that are called with `gain`, by their name and what they draw of both fans together. */
function withGain(
  name: string,
  draw: Draw<{ readonly fans: number; readonly gain: number }>,
): (given: readonly unknown[]) => GainInitializer {
  const operation = `nn.init.${name}`;
  const settings = signature(operation, kindOfDtype);
  const call = signature(operation, { array, gain: or(number, 1) }, 1);
  return (given) => {
    const { dtype } = settings(given);
    return (...args: unknown[]) => {
      const { array, gain } = call(args);
      const { fanIn, fanOut } = fansOf(array, operation);
      return draw(array, { fans: fanIn + fanOut, gain }, dtype);
    };
  };
}

const glorotNormalOf = withGain('glorotNormal', (array, { fans, gain }, dtype) =>
  mx.random.normal(array.shape, dtype, { scale: gain * Math.sqrt(2 / fans) }),
);

/** A normal distribution of the deviation `gain · √(2 / (fan_in + fan_out))`. */
export function glorotNormal(dtype?: Dtype | DtypeOptions): GainInitializer;
export function glorotNormal(...args: unknown[]): GainInitializer {
  return glorotNormalOf(args);
}

const glorotUniformOf = withGain('glorotUniform', (array, { fans, gain }, dtype) => {
  const limit = gain * Math.sqrt(6 / fans);
  return mx.random.uniform(-limit, limit, array.shape, dtype);
});

/** A uniform distribution within `gain · √(6 / (fan_in + fan_out))`. */
export function glorotUniform(dtype?: Dtype | DtypeOptions): GainInitializer;
export function glorotUniform(...args: unknown[]): GainInitializer {
  return glorotUniformOf(args);
}

/** Initializers that are called with a mode and `gain`, by their name and what they draw of a fan. */
function withFan(
  name: string,
  draw: Draw<{ readonly fan: number; readonly gain: number }>,
): (given: readonly unknown[]) => FanInitializer {
  const operation = `nn.init.${name}`;
  const settings = signature(operation, kindOfDtype);
  const mode = or(choice('fan_in', 'fan_out'), 'fan_in');
  const call = signature(operation, { array, mode, gain: or(number, 1) }, 1);
  return (given) => {
    const { dtype } = settings(given);
    return (...args: unknown[]) => {
      const { array, mode, gain } = call(args);
      const { fanIn, fanOut } = fansOf(array, operation);
      return draw(array, { fan: mode === 'fan_in' ? fanIn : fanOut, gain }, dtype);
    };
  };
}

const heNormalOf = withFan('heNormal', (array, { fan, gain }, dtype) =>
  mx.random.normal(array.shape, dtype, { scale: gain / Math.sqrt(fan) }),
);

/** A normal distribution of the deviation `gain / √fan`. */
export function heNormal(dtype?: Dtype | DtypeOptions): FanInitializer;
export function heNormal(...args: unknown[]): FanInitializer {
  return heNormalOf(args);
}

const heUniformOf = withFan('heUniform', (array, { fan, gain }, dtype) => {
  const limit = gain * Math.sqrt(3 / fan);
  return mx.random.uniform(-limit, limit, array.shape, dtype);
});

/** A uniform distribution within `gain · √(3 / fan)`. */
export function heUniform(dtype?: Dtype | DtypeOptions): FanInitializer;
export function heUniform(...args: unknown[]): FanInitializer {
  return heUniformOf(args);
}

const sparseArguments = signature('nn.init.sparse', {
  sparsity: number,
  mean: or(number, 0),
  std: or(number, 1),
  ...kindOfDtype,
});

/** A normal distribution, in which the share `sparsity`, from 0 to 1, of each row is 0. */
export function sparse(
  sparsity: number,
  mean?: number | NormalOptions,
  std?: number | NormalOptions,
  dtype?: Dtype | DtypeOptions,
): Initializer;
export function sparse(...args: unknown[]): Initializer {
  const operation = 'nn.init.sparse';
  const { sparsity, mean, std, dtype } = sparseArguments(args);
  if (!(sparsity >= 0 && sparsity <= 1)) {
    fail(operation, `expected a number from 0 to 1 for "sparsity", received ${sparsity}`);
  }
  return (array) => {
    const [rows, columns] = checkMatrix(array, operation);
    const { shape } = array;
    const zeros = Math.ceil(sparsity * columns);
    const order = mx.argsort(mx.random.uniform({ shape }), 1);
    const drawn = mx.random.normal(shape, dtype, mean, std);
    const places = [mx.arange(rows).reshape(rows, 1), order.index('...', new mx.Slice(null, zeros))] as const;
    return mx.indexPut(drawn, places, 0);
  };
}

const orthogonalArguments = signature('nn.init.orthogonal', { gain: or(number, 1), ...kindOfDtype });

/** An orthogonal matrix times `gain`. */
export function orthogonal(
  gain?: number | (DtypeOptions & { gain?: number }),
  dtype?: Dtype | DtypeOptions,
): Initializer;
export function orthogonal(...args: unknown[]): Initializer {
  const { gain, dtype } = orthogonalArguments(args);
  return (array) => {
    const [rows, columns] = checkMatrix(array, 'nn.init.orthogonal');
    const n = Math.max(rows, columns);
    const [q, r] = mx.linalg.qr(mx.random.normal([n, n]), { stream: mx.cpu }) as [Tensor, Tensor];
    const signed = q.multiply(mx.sign(mx.diag(r)));
    return signed.index(new mx.Slice(null, rows), new mx.Slice(null, columns)).multiply(gain).astype(dtype);
  };
}
