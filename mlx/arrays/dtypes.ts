import { ArgumentError } from '../../foundation/errors/errors.ts';
import { checkReceivers, hasOwnField } from '../../foundation/errors/receivers.ts';
import {
  type CategoryName,
  FLOATS,
  integerLimits,
  isWithin,
  KINDS,
  promote,
} from '../../foundation/values/dtype-facts.ts';
import { Dtype, float32 } from '../../foundation/values/dtypes.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import { router } from '../../runtime/runtime.ts';

/** A family of dtypes, for `mx.issubdtype`: `mx.integer`, `mx.floating`. Compare with `===`. */
export class DtypeCategory {
  readonly name: CategoryName;

  constructor(name: CategoryName) {
    this.name = name;
    Object.freeze(this);
  }

  /** As Python prints it: `DtypeCategory.floating`. */
  toString(): string {
    return `DtypeCategory.${this.name}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

checkReceivers(DtypeCategory.prototype, 'mx.DtypeCategory', (value) => hasOwnField(value, 'name'));

/** Every dtype. */
export const generic = new DtypeCategory('generic');
/** Every dtype but bool. */
export const number = new DtypeCategory('number');
export const integer = new DtypeCategory('integer');
export const signedinteger = new DtypeCategory('signedinteger');
export const unsignedinteger = new DtypeCategory('unsignedinteger');
/** Floating and complex dtypes. */
export const inexact = new DtypeCategory('inexact');
export const floating = new DtypeCategory('floating');
export const complexfloating = new DtypeCategory('complexfloating');

function wrong(operation: string, expected: string, received: unknown): ArgumentError {
  return new ArgumentError(`expected ${expected}, received ${describeValue(received)}`, { operation });
}

function dtypeOf(value: unknown, operation: string, expected = 'arrays or dtypes'): Dtype {
  if (value instanceof Dtype) return value;
  if (value instanceof Tensor) return router.info(value).dtype;
  throw wrong(operation, expected, value);
}

/** Whether a dtype or category is, or is part of, another: `mx.issubdtype(mx.float32, mx.inexact)`. */
export function issubdtype(inner: Dtype | DtypeCategory, outer: Dtype | DtypeCategory): boolean {
  const operation = 'mx.issubdtype';
  for (const value of [inner, outer]) {
    if (!(value instanceof Dtype || value instanceof DtypeCategory)) {
      throw wrong(operation, 'dtypes such as mx.float32 or categories such as mx.floating', value);
    }
  }
  if (outer instanceof Dtype) return inner === outer;
  return isWithin(inner instanceof Dtype ? inner : inner.name, outer.name);
}

/**
 * Whether a dtype is of a kind, or of one of several: a dtype, 'bool', 'signed integer', 'unsigned integer',
 * 'integral', 'real floating', 'complex floating' or 'numeric'.
 * @throws ArgumentError for a kind that there is not.
 */
export function isdtype(dtype: Dtype, kind: Dtype | string | readonly (Dtype | string)[]): boolean {
  const operation = 'mx.isdtype';
  if (!(dtype instanceof Dtype)) throw wrong(operation, 'a dtype such as mx.float32', dtype);
  const kinds: readonly unknown[] = Array.isArray(kind) ? kind : [kind];
  return kinds
    .map((one) => {
      if (one instanceof Dtype) return one === dtype;
      if (typeof one === 'string' && Object.hasOwn(KINDS, one)) return KINDS[one]?.includes(dtype.kind) === true;
      const known = Object.keys(KINDS).map((name) => `"${name}"`);
      throw wrong(operation, `a dtype, or one of ${known.join(', ')}`, one);
    })
    .includes(true);
}

/** The dtype that arrays or dtypes become when an operation takes them together. */
export function resultType(...arraysAndDtypes: readonly (Tensor | Dtype)[]): Dtype {
  const operation = 'mx.resultType';
  const [first, ...rest] = arraysAndDtypes.map((value) => dtypeOf(value, operation));
  if (first === undefined) throw new ArgumentError('at least one array or dtype is required', { operation });
  return rest.reduce(promote, first);
}

/** Whether promoting the two together gives `to`. */
export function canCast(from: Tensor | Dtype, to: Dtype): boolean {
  const operation = 'mx.canCast';
  const source = dtypeOf(from, operation, 'an array or a dtype');
  if (!(to instanceof Dtype)) throw wrong(operation, 'a dtype such as mx.float32', to);
  return promote(source, to) === to;
}

/** A number in C's `%g`, as Python's text has it. */
function brief(value: number): string {
  return value
    .toPrecision(6)
    .replace(/\.?0+(?=e|$)/, '')
    .replace(/e([+-])(\d)$/, 'e$10$2');
}

/** What `mx.finfo` gives: the limits of a floating dtype. */
export class FloatInfo {
  /** Of complex64 that of its parts. */
  readonly dtype: Dtype;
  readonly bits: number;
  readonly min: number;
  readonly max: number;
  /** The step from 1 to the next number. */
  readonly eps: number;
  readonly smallestNormal: number;

  constructor(dtype: Dtype) {
    const facts = dtype instanceof Dtype ? FLOATS[dtype.name] : undefined;
    if (facts === undefined) throw wrong('mx.finfo', 'a floating or complex dtype', dtype);
    this.dtype = dtype.kind === 'complex' ? float32 : dtype;
    this.bits = facts.bits;
    this.min = -facts.max;
    this.max = facts.max;
    this.eps = facts.eps;
    this.smallestNormal = facts.smallestNormal;
    Object.freeze(this);
  }

  toString(): string {
    return `finfo(min=${brief(this.min)}, max=${brief(this.max)}, dtype=${this.dtype.name})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** What `mx.iinfo` gives: the limits of an integer dtype, as bigints for the dtypes that read as bigints. */
export class IntegerInfo {
  readonly dtype: Dtype;
  readonly min: number | bigint;
  readonly max: number | bigint;

  constructor(dtype: Dtype) {
    const limits = dtype instanceof Dtype ? integerLimits(dtype) : undefined;
    if (limits === undefined) throw wrong('mx.iinfo', 'an integer dtype', dtype);
    this.dtype = dtype;
    [this.min, this.max] = dtype.size === 8 ? limits : [Number(limits[0]), Number(limits[1])];
    Object.freeze(this);
  }

  toString(): string {
    return `iinfo(min=${this.min}, max=${this.max}, dtype=${this.dtype.name})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

checkReceivers(FloatInfo.prototype, 'mx.finfo', (value) => hasOwnField(value, 'eps'));
checkReceivers(IntegerInfo.prototype, 'mx.iinfo', (value) => hasOwnField(value, 'max'));

interface Callable<Class> {
  new (dtype: Dtype): Class;
  (dtype: Dtype): Class;
  readonly prototype: Class;
}

function makeFloatInfo(dtype: Dtype): FloatInfo {
  return new FloatInfo(dtype);
}
makeFloatInfo.prototype = FloatInfo.prototype;

function makeIntegerInfo(dtype: Dtype): IntegerInfo {
  return new IntegerInfo(dtype);
}
makeIntegerInfo.prototype = IntegerInfo.prototype;

/** The limits of a floating dtype, with or without `new`. @throws ArgumentError for another dtype. */
export const finfo = makeFloatInfo as unknown as Callable<FloatInfo>;
/** The limits of an integer dtype, with or without `new`. @throws ArgumentError for another dtype. */
export const iinfo = makeIntegerInfo as unknown as Callable<IntegerInfo>;
