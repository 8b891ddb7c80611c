import { type Dtype, float32, int32, int64 } from '../../foundation/values/dtypes.ts';
import { type Handle, Scalar } from '../../foundation/values/values.ts';
import type { Lowering, Lowerings } from './lowering.ts';

type Numeric = number | bigint;

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

/** As Python types a number: int32 if it is integral and fits, int64 if it does not fit, float32 otherwise. */
function dtypeOf(values: readonly Numeric[]): Dtype {
  if (values.some((value) => typeof value === 'number' && !Number.isInteger(value))) return float32;
  return values.some((value) => value > INT32_MAX || value < INT32_MIN) ? int64 : int32;
}

/** `name(a)` without a dtype, `name_dtype(a, dtype)` with one. */
function like(name: string): Lowering {
  return (c, args) => {
    const [a, dtype] = args as [Handle, Dtype | null];
    return dtype === null ? c(name, a) : c(`${name}_dtype`, a, dtype);
  };
}

export const creation: Lowerings = {
  arange: (c, args) => {
    const [first, second, third, dtype] = args as [Numeric, Numeric | null, Numeric | null, Dtype | null];
    const [start, stop] = second === null ? [0, first] : [first, second];
    const step = third ?? 1;
    return c('arange', Number(start), Number(stop), Number(step), dtype ?? dtypeOf([start, stop, step]));
  },
  full: (c, args, context) => {
    const [shape, values] = args as [readonly number[], Handle | Scalar];
    // As in Python's binding a tensor keeps its own dtype, whatever is asked for; a number has been given it already.
    return c('full', shape, values, values instanceof Scalar ? values.dtype : context.dtype(values));
  },
  full_like: (c, args, context) => {
    const [a, values, dtype] = args as [Handle, Handle | Scalar, Dtype | null];
    return c('full_like', a, values, dtype ?? context.dtype(a));
  },
  zeros_like: like('zeros_like'),
  ones_like: like('ones_like'),
  eye: (c, args) => {
    const [n, m, k, dtype] = args as [number, number | null, number, Dtype];
    return c('eye', n, m ?? n, k, dtype);
  },
  tri: (c, args) => {
    const [n, m, k, dtype] = args as [number, number | null, number, Dtype];
    return c('tri', n, m ?? n, k, dtype);
  },
};
