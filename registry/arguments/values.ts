import { bool, Dtype, dtypeNamed, isIntegral } from '../../foundation/values/dtypes.ts';
import { parseIndexText } from '../../foundation/values/index-parts.ts';
import { GroupReference, Slice } from '../../foundation/values/values.ts';
import { asElement } from '../../foundation/values/weak.ts';
import type { Parameter } from '../parameters.ts';
import { ElementList } from './element-list.ts';
import type { Normal, TensorHost } from './host.ts';
import { IndexList } from './index-list.ts';
import { isListUpTo } from './long-lists.ts';
import { flatten } from './nested.ts';

/** Thrown inside this folder; the parser makes it an ArgumentError with the operation and the parameter. */
export class Mismatch {
  readonly expected: string;
  readonly received: unknown;

  constructor(expected: string, received: unknown) {
    this.expected = expected;
    this.received = received;
  }
}

/** A list that only claims to be longer would be walked without end, or end the process for want of memory. */
const MOST_ITEMS = 2 ** 26;
/** Arrays have at most 64 axes; an index may add some. */
const MOST_INDEX_PARTS = 256;
const INT32_MIN = -2147483648;
const INT32_MAX = 2147483647;

type Reader = <T extends object>(value: unknown, parameter: Parameter, host: TensorHost<T>) => Normal<T>;

function integer(value: unknown, expected = 'an integer'): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < INT32_MIN || value > INT32_MAX) {
    throw new Mismatch(expected, value);
  }
  return value;
}

function integers(value: unknown, expected: string): number[] {
  if (!isListUpTo(MOST_ITEMS, value)) throw new Mismatch(expected, value);
  const list: number[] = [];
  for (let i = 0; i < value.length; i++) list.push(integer(value[i], expected));
  return list;
}

const INDICES = 'integers: an array of an integer dtype, a number, or a nested list of numbers';

function readIndices<T extends object>(value: unknown, host: TensorHost<T>): T {
  if (host.isTensor(value)) {
    const dtype = host.dtype(value);
    if (!isIntegral(dtype)) {
      throw new Mismatch(`${INDICES}; make one with .astype(mx.int32)`, dtype);
    }
    return value;
  }
  const { flat, shape } = readIndexList(value);
  return host.fromIntegers(flat, shape);
}

function readIndexList(value: unknown): IndexList {
  const nested = flatten(value);
  if (typeof nested === 'string') throw new Mismatch(`${INDICES} in a regular shape, not ${nested},`, value);
  return new IndexList(integers(nested.flat, INDICES), nested.shape);
}

function readIndexPart<T extends object>(part: unknown, host: TensorHost<T>): Normal<T> {
  if (part === null || part === '...') return part;
  if (part instanceof Slice) return boundedSlice(part);
  if (typeof part === 'number') return integer(part);
  if (host.isTensor(part)) return host.dtype(part) === bool ? part : readIndices(part, host);
  if (Array.isArray(part)) return readMaskList(part, host) ?? readIndexList(part);
  throw new Mismatch("an integer, mx.Slice, null, '...', an integer array or a mask as a part of the index", part);
}

/** MLX's shapes are 32-bit, and Python's slices with them. */
function boundedSlice(slice: Slice): Slice {
  for (const bound of [slice.start, slice.stop, slice.step]) {
    if (bound !== null && (bound > 2 ** 31 - 1 || bound < -(2 ** 31))) {
      throw new Mismatch(`slices from ${-(2 ** 31)} to ${2 ** 31 - 1}`, bound);
    }
  }
  return slice;
}

function readMaskList<T extends object>(list: readonly unknown[], host: TensorHost<T>): T | undefined {
  const nested = flatten(list);
  if (typeof nested === 'string' || nested.flat.length === 0) return undefined;
  const { flat, shape } = nested;
  return flat.every((item) => typeof item === 'boolean') ? host.create(flat as boolean[], shape, bool) : undefined;
}

function readIndex<T extends object>(value: unknown, host: TensorHost<T>): Normal<T>[] {
  const given = Array.isArray(value) ? value : [value];
  if (!isListUpTo(MOST_INDEX_PARTS, given)) throw new Mismatch(`an index of at most ${MOST_INDEX_PARTS} parts`, value);
  const parts: unknown[] = [];
  for (const part of given) {
    if (typeof part !== 'string' || part === '...') {
      parts.push(part);
      continue;
    }
    const read = parseIndexText(part);
    if (read === undefined) throw new Mismatch("an index such as '1:3, ..., ::-1'", part);
    parts.push(...read);
  }
  return parts.map((part) => readIndexPart(part, host));
}

function readElements(value: unknown): ElementList {
  const nested = flatten(value);
  if (typeof nested === 'string') throw new Mismatch(`numbers in a regular nested list, not ${nested},`, value);
  const elements = nested.flat.map((item) => {
    const element = asElement(item);
    if (element === undefined) throw new Mismatch('an array, a number, or a nested list of numbers', item);
    return element;
  });
  return new ElementList(elements, nested.shape);
}

function readTree<T extends object>(value: unknown, host: TensorHost<T>): Normal<T> {
  return readPart(value, host, 0, { left: MOST_PARTS });
}

/** More numbers belong into an array. */
const MOST_PARTS = 2 ** 22;

/** Lists may hold one list many times over: what counts is how many parts are visited. */
function readPart<T extends object>(
  value: unknown,
  host: TensorHost<T>,
  depth: number,
  parts: { left: number },
): Normal<T> {
  if (depth > 64) throw new Mismatch('data nested at most 64 levels deep', value);
  if (value === null || host.isTensor(value) || value instanceof Dtype) return value;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return value;
  const count = (length: number) => {
    parts.left -= length;
    if (parts.left < 0) throw new Mismatch(`data of at most ${MOST_PARTS} parts`, value);
  };
  if (Array.isArray(value)) {
    count(value.length);
    return value.map((item) => readPart(item, host, depth + 1, parts));
  }
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    const entries = Object.entries(value as object).filter(([, item]) => item !== undefined);
    count(entries.length);
    return Object.fromEntries(entries.map(([name, item]) => [name, readPart(item, host, depth + 1, parts)]));
  }
  throw new Mismatch('arrays, numbers, strings, booleans, null, or lists and plain objects of them', value);
}

/** How the argument of each kind of parameter is read. Operands and values need the whole call: they stay elements. */
export const READERS: Record<Parameter['kind'], Reader> = {
  array: (value, _, host) => {
    if (host.isTensor(value)) return value;
    throw new Mismatch('an array (mx.array)', value);
  },
  operand: (value, _, host) => {
    if (host.isTensor(value)) return value;
    const element = asElement(value);
    if (element === undefined) throw new Mismatch('an array (mx.array) or a number', value);
    return element;
  },
  value: (value, parameter, host) => {
    if (parameter.nested === true && Array.isArray(value)) return readElements(value);
    return READERS.operand(value, parameter, host);
  },
  indices: (value, _, host) => readIndices(value, host),
  arrays: (value, _, host) => {
    if (!Array.isArray(value)) throw new Mismatch('a list of arrays (mx.array)', value);
    return Array.from(value, (item) => {
      if (!host.isTensor(item)) throw new Mismatch('a list of arrays (mx.array)', item);
      return item;
    });
  },
  key: (value, _, host) => {
    if (host.isTensor(value)) return value;
    throw new Mismatch('a key made by mx.random.key', value);
  },
  int: (value) => integer(value),
  float: (value) => {
    if (typeof value === 'number') return value;
    throw new Mismatch('a number', value);
  },
  number: (value) => {
    if (typeof value === 'number') return value;
    if (typeof value !== 'bigint') throw new Mismatch('a number', value);
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new Mismatch('an integer of at most 64 bits', value);
    return value;
  },
  bool: (value) => {
    if (typeof value === 'boolean') return value;
    throw new Mismatch('a boolean', value);
  },
  string: (value, { choices }) => {
    if (typeof value === 'string' && (choices === undefined || choices.includes(value))) return value;
    const words = choices?.map((word) => `"${word}"`).join(', ');
    throw new Mismatch(words === undefined ? 'a string' : `one of ${words}`, value);
  },
  axis: (value) => integer(value, 'an axis, an integer'),
  axes: (value) => {
    if (Array.isArray(value)) return integers(value, 'an axis or a list of axes');
    return integer(value, 'an axis or a list of axes');
  },
  shape: (value) => {
    const shape = Array.isArray(value) ? integers(value, 'a shape, a list of integers') : [integer(value, 'a shape')];
    return shape;
  },
  ints: (value) => integers(value, 'a list of integers'),
  pair: (value) => {
    if (typeof value === 'number') return [integer(value), integer(value)];
    const pair = integers(value, 'an integer or a list of two');
    if (pair.length !== 2) throw new Mismatch('an integer or a list of two', value);
    return pair;
  },
  dtype: (value) => {
    if (value instanceof Dtype) return value;
    throw new Mismatch('a dtype such as mx.float32', value);
  },
  group: (value) => {
    if (value instanceof GroupReference) return value.number;
    throw new Mismatch('a group made by mx.distributed.init', value);
  },
  index: (value, { mask }, host) => {
    // As in Python, a boolean where a mask may stand is a mask of the whole array.
    return mask === true && typeof value === 'boolean' ? [host.create([value], [], bool)] : readIndex(value, host);
  },
  any: (value, _, host) => readTree(value, host),
};

/** The value of a parameter that the caller left out. */
export function fallbackValue(parameter: Parameter): Normal<never> {
  const { fallback, kind } = parameter;
  if (kind === 'dtype' && typeof fallback === 'string') return dtypeNamed(fallback);
  if (kind === 'pair' && typeof fallback === 'number') return [fallback, fallback];
  if (kind === 'shape' && typeof fallback === 'number') return [fallback];
  return fallback;
}
