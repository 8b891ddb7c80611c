import { DTYPES, type Dtype, type DtypeName } from './dtypes.ts';

/**
 * What two dtypes become together: a row and a column for each dtype, in the order of their codes, the results as
 * codes in hexadecimal.
 */
const PROMOTIONS = [
  '0123456789abcd',
  '1123466789abcd',
  '2223477789abcd',
  '3333488889abcd',
  '44444aaaa9abcd',
  '5678a56789abcd',
  '6678a66789abcd',
  '7778a77789abcd',
  '8888a88889abcd',
  '9999999999abad',
  'aaaaaaaaaaabad',
  'bbbbbbbbbbbbbd',
  'cccccccccaabcd',
  'dddddddddddddd',
];

/** The dtype of an operation of elements of the two. */
export function promote(a: Dtype, b: Dtype): Dtype {
  return DTYPES[Number.parseInt(PROMOTIONS[a.code]?.[b.code] as string, 16)] as Dtype;
}

export type CategoryName =
  | 'generic'
  | 'number'
  | 'integer'
  | 'signedinteger'
  | 'unsignedinteger'
  | 'inexact'
  | 'floating'
  | 'complexfloating';

/** The category that holds each; `generic` holds them all. */
const PARENTS: Readonly<Record<CategoryName, CategoryName | null>> = {
  generic: null,
  number: 'generic',
  integer: 'number',
  signedinteger: 'integer',
  unsignedinteger: 'integer',
  inexact: 'number',
  floating: 'inexact',
  complexfloating: 'inexact',
};

const OF_KIND: Readonly<Record<Dtype['kind'], CategoryName>> = {
  bool: 'generic',
  uint: 'unsignedinteger',
  int: 'signedinteger',
  float: 'floating',
  complex: 'complexfloating',
};

/** Whether the category, or that of the dtype, is part of the other. */
export function isWithin(inner: CategoryName | Dtype, outer: CategoryName): boolean {
  let category: CategoryName | null = typeof inner === 'string' ? inner : OF_KIND[inner.kind];
  while (category !== null && category !== outer) category = PARENTS[category];
  return category !== null;
}

/** Python's array API names for kinds of dtypes. */
export const KINDS: Readonly<Record<string, readonly Dtype['kind'][]>> = {
  bool: ['bool'],
  'signed integer': ['int'],
  'unsigned integer': ['uint'],
  integral: ['int', 'uint'],
  'real floating': ['float'],
  'complex floating': ['complex'],
  numeric: ['int', 'uint', 'float', 'complex'],
};

export interface FloatFacts {
  readonly bits: number;
  readonly max: number;
  /** The step from 1 to the next number. */
  readonly eps: number;
  readonly smallestNormal: number;
}

/** The limits of the floating dtypes; of complex64 those of its parts. */
export const FLOATS: Readonly<Partial<Record<DtypeName, FloatFacts>>> = {
  float16: { bits: 16, max: 65504, eps: 2 ** -10, smallestNormal: 2 ** -14 },
  bfloat16: { bits: 16, max: (2 - 2 ** -7) * 2 ** 127, eps: 2 ** -7, smallestNormal: 2 ** -126 },
  float32: { bits: 32, max: (2 - 2 ** -23) * 2 ** 127, eps: 2 ** -23, smallestNormal: 2 ** -126 },
  float64: { bits: 64, max: Number.MAX_VALUE, eps: Number.EPSILON, smallestNormal: 2 ** -1022 },
  complex64: { bits: 32, max: (2 - 2 ** -23) * 2 ** 127, eps: 2 ** -23, smallestNormal: 2 ** -126 },
};

/** The least and the greatest integer of the dtype; undefined where it is no integer's. */
export function integerLimits(dtype: Dtype): readonly [bigint, bigint] | undefined {
  const bits = BigInt(dtype.size * 8);
  if (dtype.kind === 'uint') return [0n, 2n ** bits - 1n];
  return dtype.kind === 'int' ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : undefined;
}
