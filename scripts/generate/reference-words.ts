import type { ParameterKind } from '../../registry/parameters.ts';
import type { DtypeSet } from '../../registry/sample.ts';

/** What a caller passes for a parameter of the kind. */
export const KIND_WORDS: Readonly<Record<ParameterKind, string>> = {
  array: 'array',
  operand: 'array or number',
  value: 'number or array',
  indices: 'integer array, or nested integers',
  arrays: 'list of arrays',
  key: 'key of `mx.random.key`',
  int: 'integer',
  float: 'number',
  number: 'number or bigint',
  bool: 'boolean',
  string: 'string',
  axis: 'axis, an integer',
  axes: 'axis or list of axes',
  shape: 'length or list of lengths',
  ints: 'list of integers',
  pair: 'integer or two of them',
  dtype: 'dtype',
  group: 'group of `mx.distributed.init`',
  index: 'parts of an index',
  any: 'see the overloads',
};

/** The dtypes of a set. */
export const DTYPE_WORDS: Readonly<Record<DtypeSet, string>> = {
  all: 'all',
  numeric: 'all but bool',
  real: 'all but bool and complex64',
  ordered: 'all but complex64',
  single: 'all but float64',
  narrow: 'float16, bfloat16, float32',
  integral: 'integers',
  bitwise: 'integers and bool',
  inexact: 'float16, bfloat16, float32, float64, complex64',
  float: 'float16, bfloat16, float32, float64',
  lapack: 'float32, float64',
  'lapack-complex': 'float32, float64, complex64',
  float32: 'float32',
  uint8: 'uint8',
  bool: 'bool',
};
