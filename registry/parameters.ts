/**
 * The kinds of parameter: what a caller may pass, and what a backend then receives.
 *
 * | kind | the caller passes | a backend receives |
 * |---|---|---|
 * | array | `mx.array` | Handle |
 * | operand | `mx.array`, or a weak number, bigint, boolean or Complex | Handle or Scalar |
 * | value | a number, bigint, boolean, Complex or `mx.array`, in the dtype of the parameter named `dtype` (null: that of the tensor parameter before it, or else float32) | Handle or Scalar |
 * | indices | integer `mx.array`, or (nested) JavaScript integers | Handle |
 * | arrays | a list of `mx.array` | list of Handle |
 * | key | a key of `mx.random.key`, or null: the next one of the global sequence | Handle |
 * | int, float, bool, string | as it says | the same |
 * | number | number or bigint | the same |
 * | axis | an integer | number |
 * | axes | an integer or a list of them | number or list of number |
 * | shape | an integer or a list of them | list of number |
 * | ints | a list of integers | list of number |
 * | pair | an integer, or a list of two | list of two |
 * | dtype | a dtype | Dtype |
 * | group | a group of `mx.distributed.init` | the addon's number of it |
 * | index | the parts of an index | list of IndexPart with Handle |
 * | any | tensors, plain data, trees of both | the same with Handle |
 *
 * A parameter that is `nullable` also takes null, which a backend receives as null.
 */
export type ParameterKind =
  | 'array'
  | 'operand'
  | 'value'
  | 'indices'
  | 'arrays'
  | 'key'
  | 'int'
  | 'float'
  | 'number'
  | 'bool'
  | 'string'
  | 'axis'
  | 'axes'
  | 'shape'
  | 'ints'
  | 'pair'
  | 'dtype'
  | 'group'
  | 'index'
  | 'any';

export type DefaultValue = null | number | boolean | string | readonly number[];

export interface Parameter {
  /** Python's own name, in snake_case. */
  readonly name: string;
  readonly kind: ParameterKind;
  /** null is taken as well, and means what None means in Python. */
  readonly nullable: boolean;
  /** Absent: the parameter is required. A dtype is written by its name. */
  readonly fallback?: DefaultValue;
  /** Only by keyword in Python, so only in the trailing object here. */
  readonly keywordOnly: boolean;
  /** The words that a `string` may be. */
  readonly choices?: readonly string[];
  /** `*arrays` in Python: every positional argument that is left, each of the kind; a backend receives them as one list. */
  readonly variadic?: boolean;
  /** A `value` may also be a nested list of numbers; a backend then receives a Handle. */
  readonly nested?: boolean;
  /** An `operand` that gives no dtype to the numbers beside it, and takes none of theirs. */
  readonly apart?: boolean;
  /** An `index` that is one boolean mask stays a mask; otherwise masks reach a backend as index tensors. */
  readonly mask?: boolean;
  /** The TypeScript type that the generated functions show, where the kind (`any`, mostly) says too little. */
  readonly type?: string;
}

export interface ParameterOptions {
  readonly keywordOnly?: boolean;
  readonly nullable?: boolean;
  readonly variadic?: boolean;
  readonly nested?: boolean;
  readonly apart?: boolean;
  readonly mask?: boolean;
  readonly type?: string;
  readonly choices?: readonly string[];
}

type Maker = (name: string, fallback?: DefaultValue, options?: ParameterOptions) => Parameter;

function maker(kind: ParameterKind): Maker {
  return (name, fallback, options = {}) => ({
    name,
    kind,
    nullable: options.nullable ?? fallback === null,
    keywordOnly: options.keywordOnly ?? false,
    ...(fallback === undefined ? {} : { fallback }),
    ...(options.choices === undefined ? {} : { choices: options.choices }),
    ...(options.variadic === undefined ? {} : { variadic: options.variadic }),
    ...(options.nested === undefined ? {} : { nested: options.nested }),
    ...(options.apart === undefined ? {} : { apart: options.apart }),
    ...(options.mask === undefined ? {} : { mask: options.mask }),
    ...(options.type === undefined ? {} : { type: options.type }),
  });
}

export const array = maker('array');
export const operand = maker('operand');
export const value = maker('value');
export const indices = maker('indices');
export const arrays = maker('arrays');
export const key = maker('key');
export const int = maker('int');
export const float = maker('float');
export const number = maker('number');
export const bool = maker('bool');
export const string = maker('string');
export const axis = maker('axis');
export const axes = maker('axes');
export const shape = maker('shape');
export const ints = maker('ints');
export const pair = maker('pair');
export const dtype = maker('dtype');
export const group = maker('group');
export const index = maker('index');
export const any = maker('any');
