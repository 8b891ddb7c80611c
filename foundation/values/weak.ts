import { bool, complex64, type Dtype, float32, int32, int64 } from './dtypes.ts';
import { Complex, type Element, Scalar } from './values.ts';

const LIMITS: Partial<Record<Dtype['name'], readonly [number, number]>> = {
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 4294967295],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
};

/** A value that a caller may pass where a weak scalar is taken; `{ re, im }` is a Complex without its class. */
export function asElement(value: unknown): Element | undefined {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (value instanceof Complex) return value;
  return isComplexLike(value) ? new Complex(value.re, value.im) : undefined;
}

export function isComplexLike(value: unknown): value is { re: number; im: number } {
  if (typeof value !== 'object' || value === null) return false;
  const { re, im } = value as { re?: unknown; im?: unknown };
  return typeof re === 'number' && typeof im === 'number' && Object.keys(value).length === 2;
}

/** The dtype that a value has when nothing else fixes it: it never depends on how large the number is. */
export function naturalDtype(value: Element): Dtype {
  if (typeof value === 'boolean') return bool;
  if (typeof value === 'bigint') return int64;
  return value instanceof Complex ? complex64 : float32;
}

/**
 * The weak scalar beside an array of that dtype, as Python's binding makes it: a boolean or an integer takes the
 * dtype (int32 beside bool), a fraction too if it is floating (else float32), a Complex is complex64.
 * A string is the reason why it cannot be.
 */
export function weakScalar(value: Element, beside: Dtype | undefined): Scalar | string {
  if (beside === undefined)
    return typeof value === 'bigint' ? integerScalar(value, int64) : new Scalar(value, naturalDtype(value));
  if (value instanceof Complex) return new Scalar(value, complex64);
  if (typeof value === 'boolean') return new Scalar(value, beside);
  if (typeof value === 'number' && (beside.kind === 'float' || !Number.isInteger(value))) {
    return new Scalar(value, beside.kind === 'float' ? beside : float32);
  }
  if (typeof value === 'number' && Object.is(value, -0)) return new Scalar(0, beside.kind === 'bool' ? int32 : beside);
  return integerScalar(value, beside.kind === 'bool' ? int32 : beside);
}

/** The scalar in exactly that dtype if it is an integer's; otherwise in its natural one, to be cast by the operation. */
export function typedScalar(value: Element, dtype: Dtype): Scalar | string {
  const integral = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  return integral ? integerScalar(value, dtype) : new Scalar(value, naturalDtype(value));
}

function integerScalar(value: number | bigint, dtype: Dtype): Scalar | string {
  const limits = LIMITS[dtype.name];
  if (limits !== undefined && (value < limits[0] || value > limits[1])) {
    return `Converting ${value} to ${dtype.name} would result in overflow`;
  }
  if (dtype.name === 'int64' || dtype.name === 'uint64') {
    const wide = BigInt(value);
    const isUnsigned = dtype.name === 'uint64';
    const fits = BigInt.asIntN(64, wide) === wide || (isUnsigned && BigInt.asUintN(64, wide) === wide);
    if (!fits) return `Converting ${value} to ${dtype.name} would result in overflow`;
    // A negative number counts back from 2^64, as in Python: adding -1 subtracts 1.
    return new Scalar(isUnsigned ? BigInt.asUintN(64, wide) : wide, dtype);
  }
  return new Scalar(dtype.kind === 'bool' ? value : Number(value), dtype);
}
