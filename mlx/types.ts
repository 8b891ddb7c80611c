import type { Complex, Slice } from '../foundation/values/values.ts';
import type { Tensor } from '../router/tensors/tensor.ts';
import type { Group } from './devices/distributed.ts';

export type { Dtype, Dtype as DtypeLike } from '../foundation/values/dtypes.ts';
export type { Element } from '../foundation/values/values.ts';
export type { CallOptions } from '../runtime/call-options.ts';

/** A tensor: a lazy n-dimensional array of one dtype, held by either backend. */
export type array = Tensor;

/** A complex number: `mx.Complex(re, im)`, or a plain object of the two. */
export type ComplexLike = Complex | { readonly re: number; readonly im: number };

/** A number that takes the dtype of the arrays beside it. */
export type Scalar = number | bigint | boolean | ComplexLike;

export type Operand = array | Scalar;

export type { Group };

/** Nested lists of numbers, as deep as there are dimensions. */
export type Nested<T> = T | readonly Nested<T>[];

/** Integers to index with: an integer array, or (nested) JavaScript integers. */
export type Indices = array | Nested<number>;

export type Axes = number | readonly number[];
export type Shape = number | readonly number[];
export type Pair = number | readonly [number, number] | readonly number[];

/** `null` is a new axis, `'...'` as many whole axes as are left; a string is NumPy's text: `'1:3, ::-1'`. */
export type IndexPart = number | Slice | null | array | Nested<number> | readonly Nested<boolean>[] | (string & {});
export type IndexArgument = IndexPart | readonly IndexPart[];
/** What is written to: a boolean as well, for all elements or none. */
export type WriteIndex = IndexArgument | boolean;

/** As many arrays as the list has items. */
export type Each<List extends readonly unknown[]> = { -readonly [K in keyof List]: array };

type Repeated<Count extends number, Found extends array[] = []> = Found['length'] extends Count
  ? Found
  : Found['length'] extends 16
    ? array[]
    : Repeated<Count, [...Found, array]>;

type OneMore<List extends readonly unknown[]> = [...{ [K in keyof List]: array }, array];

/** The parts of a split: so many, or one more than there are places to cut, if the code says how many. */
export type Parts<Where extends Axes> = Where extends number
  ? number extends Where
    ? array[]
    : Repeated<Where>
  : Where extends readonly number[]
    ? number extends Where['length']
      ? array[]
      : OneMore<Where>
    : array[];
