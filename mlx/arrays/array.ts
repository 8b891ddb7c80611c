import { ArgumentError, DisposedError } from '../../foundation/errors/errors.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import { decode, decodeOne, type TypedArray, typedArray } from '../../foundation/values/elements.ts';
import type { Element } from '../../foundation/values/values.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { camelCase } from '../../registry/naming.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { named } from '../../router/tensors/residency.ts';
import { isMade, isTensor, Tensor } from '../../router/tensors/tensor.ts';
import { registry, router } from '../../runtime/runtime.ts';
import { signalIn, untilAborted, type WaitOptions } from '../evaluation/abort.ts';
import type { ArrayMethods } from '../generated/methods.ts';
import type { ArrayOperators, InPlaceMethods } from '../generated/operators.ts';
import { bind } from '../operations/bind.ts';
import type { CallOptions, IndexPart, Nested, Operand, Scalar } from '../types.ts';
import { ArrayAt } from './at.ts';
import { construct } from './construct.ts';
import { inPlaceMethod } from './in-place.ts';
import { variadicMethod } from './variadic.ts';

/** The values as nested lists, as deep as there are dimensions; of a 0-d array the one element. */
export type NestedElements = Element | NestedElements[];

/** Where an array is held: in this process, in a Python worker, or in both. */
export interface ArrayResidency {
  readonly native: boolean;
  readonly python: boolean;
  /** The worker's place in the pool, from 0 up. Only for an array that Python holds. */
  readonly worker?: number;
  /** The array's number in that worker. */
  readonly id?: number;
}

export interface ArrayProperties {
  /** The length of each dimension. */
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** The number of dimensions. */
  readonly ndim: number;
  /** The number of elements. */
  readonly size: number;
  /** Bytes of one element. */
  readonly itemsize: number;
  /** Bytes of all elements. */
  readonly nbytes: number;
  /** The transpose: the axes in reverse order. */
  readonly T: Tensor;
  /** The real parts; of an array that is not complex the array's own values. */
  readonly real: Tensor;
  /** The imaginary parts; of an array that is not complex zeros. */
  readonly imag: Tensor;
  /** Which backends hold the values, or the graph that gives them; and which worker, under which number. */
  readonly residency: ArrayResidency;
  readonly isDisposed: boolean;

  /**
   * The only element. Evaluates. A number; int64 and uint64 as bigint, bool as boolean, complex64 as Complex.
   * @throws ArgumentError unless the array has exactly one element.
   */
  item(): Element;
  /** The values as nested lists. Evaluates. */
  tolist(): NestedElements;
  /**
   * The values in row-major order, in memory of their own. Evaluates. Each dtype gives its own typed array; bool a
   * Uint8Array of 0 and 1, complex64 a Float32Array of re and im in turn, bfloat16 its bits as a Uint16Array, float16 a
   * Float16Array where the runtime has it and else its bits. For numbers, convert first: `x.astype(mx.float32)`.
   */
  toTypedArray(): TypedArray;
  /**
   * As `toTypedArray`, without blocking this thread while MLX computes. Rejects with what `toTypedArray` would throw, or
   * with the signal's reason.
   */
  data(options?: WaitOptions): Promise<TypedArray>;
  /** The length of the first axis. @throws ArgumentError for a 0-d array. */
  readonly length: number;
  /**
   * A part of the array: `x.index(0, mx.Slice(1, 3), '...', null, indices)`, or NumPy's text: `x.index('1:3, ..., ::-1')`.
   * @throws ArgumentError for an integer outside its axis, or more parts than axes.
   */
  index(...parts: IndexPart[]): Tensor;
  /** The place that an index names, to bring a value in there: `x.at([0, 0]).add(1)` adds 2 to the first element. */
  at(...parts: IndexPart[]): ArrayAt;
  /** The complex conjugate of each element. */
  conj(options?: CallOptions): Tensor;
  /**
   * What `JSON.stringify(x)` writes: the values as nested lists. Evaluates.
   * @throws ArgumentError for an integer beyond 2^53.
   */
  toJSON(): unknown;
  /** Frees the memory now. Any later use is a DisposedError. */
  dispose(): void;
  /** What `using x = …` calls at the end of the block. */
  [Symbol.dispose](): void;
  /** Goes over the first axis. */
  [Symbol.iterator](): IterableIterator<Tensor>;
  /** The text that Python's `repr` gives. Evaluates. */
  toString(): string;
  /**
   * The one element as a number where JavaScript asks for one: `Number(x)`, `x > 3`, `x + 1`; the text in a template:
   * `${x}`. Evaluates.
   * @throws ArgumentError for an array of more elements or none: JavaScript's operators know no arrays.
   */
  [Symbol.toPrimitive](hint: string): number | string;
}

declare module '../../router/tensors/tensor.ts' {
  interface Tensor extends ArrayMethods, ArrayOperators, InPlaceMethods, ArrayProperties {}
}

/** Empty lists take memory too. */
const MOST_LISTS = 2 ** 26;

/** From the innermost lists outwards, for an array may have more dimensions than the stack has frames. */
function nest(flat: readonly Element[], shape: readonly number[]): NestedElements {
  if (shape.length === 0) return flat[0] as Element;
  let items: readonly NestedElements[] = flat;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const extent = shape[axis] as number;
    const length = product(shape.slice(0, axis));
    if (length > MOST_LISTS) {
      throw new ArgumentError(`a nested list of shape [${shape}] is too large; toTypedArray() has no lists`, {
        operation: 'mx.array.tolist',
      });
    }
    const inner = items;
    items = Array.from({ length }, (_, i) => inner.slice(i * extent, (i + 1) * extent));
  }
  return items as NestedElements[];
}

/** JSON.stringify goes no deeper than the stack. */
const MOST_JSON_LEVELS = 1000;

/** What JSON can write of it: NaN and infinities become null there, as in every JavaScript array. */
function jsonOf(value: NestedElements): unknown {
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new ArgumentError(`JSON has no exact number for ${value}; write texts of tolist()`, {
    operation: 'mx.array.toJSON',
  });
}

/** The one element of an array, the long way. */
function readOne(tensor: Tensor): Element {
  const { shape, dtype } = router.info(tensor);
  if (product(shape) !== 1) {
    throw new ArgumentError(`expected an array of size 1, received shape [${shape}]`, { operation: 'mx.array.item' });
  }
  return decodeOne(router.read(tensor), dtype);
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

const getters: { [K in keyof ArrayProperties]?: (this: Tensor) => unknown } = {
  shape() {
    return router.info(this).shape;
  },
  dtype() {
    return router.info(this).dtype;
  },
  ndim() {
    return router.info(this).shape.length;
  },
  size() {
    return product(router.info(this).shape);
  },
  itemsize() {
    return router.info(this).dtype.size;
  },
  nbytes() {
    return product(router.info(this).shape) * router.info(this).dtype.size;
  },
  length() {
    const [length] = router.info(this).shape;
    if (length === undefined)
      throw new ArgumentError('a 0-d array has no length and cannot be gone over; item() reads it', {
        operation: 'mx.array',
      });
    return length;
  },
  T() {
    return this.transpose();
  },
  real() {
    return real(this);
  },
  imag() {
    return imag(this);
  },
  residency() {
    return router.residency.where(this);
  },
  isDisposed() {
    return router.residency.isDisposed(this);
  },
};

const real = bind('real') as (tensor: Tensor) => Tensor;
const imag = bind('imag') as (tensor: Tensor) => Tensor;
const getItem = bind('index') as (tensor: Tensor, parts: readonly unknown[]) => Tensor;

const methods: Record<string | symbol, (this: Tensor) => unknown> = {
  tolist() {
    const { shape, dtype } = router.info(this);
    return nest(decode(router.read(this), dtype), shape);
  },
  toJSON() {
    const { ndim } = this;
    if (ndim <= MOST_JSON_LEVELS) return jsonOf(this.tolist());
    throw new ArgumentError(
      `JSON goes no deeper than ${MOST_JSON_LEVELS} lists, and the array has ${ndim} dimensions`,
      {
        operation: 'mx.array.toJSON',
      },
    );
  },
  toTypedArray() {
    return typedArray(router.read(this), router.info(this).dtype);
  },
  dispose() {
    router.residency.dispose(this);
  },
  toString(this: Tensor) {
    return router.text(this);
  },
  [Symbol.for('nodejs.util.inspect.custom')]() {
    if (!isMade(this)) return '[mx.array without its fields]';
    try {
      return router.text(this);
    } catch (error) {
      if (error instanceof DisposedError) return 'array(disposed)';
      throw error;
    }
  },
};

/** Not by `member`, which all getters share: V8 compiles what has one caller together with it. */
function item(this: Tensor): Element {
  try {
    if (!isTensor(this)) throw wrongReceiver(this, 'mx.array.item');
    return router.item(this) ?? readOne(this);
  } catch (error) {
    throw named(error, 'mx.array.item');
  }
}

/** Reads without blocking. */
async function data(this: Tensor, options?: unknown): Promise<TypedArray> {
  const operation = 'mx.array.data';
  try {
    if (!isTensor(this)) throw wrongReceiver(this, operation);
    const { dtype } = router.info(this);
    const signal = signalIn(options, operation);
    const bytes = await untilAborted(signal, () => router.readAsync(this, signal));
    return typedArray(bytes, dtype);
  } catch (error) {
    throw named(error, operation);
  }
}

function install(): void {
  const prototype = Tensor.prototype;
  const define = (name: string | symbol, descriptor: PropertyDescriptor) =>
    Object.defineProperty(prototype, name, { configurable: true, enumerable: false, ...descriptor });
  for (const operation of registry.all()) {
    const name = camelCase(operation.name);
    if (operation.inPlace !== undefined) define(`${name}_`, { value: inPlaceMethod(operation), writable: true });
    if (!operation.method && operation.operator === undefined) continue;
    const call = bind(qualifiedName(operation)) as Call;
    const value = operation.variadicMethod ? variadicMethod(operation, call) : method(call);
    define(name, { value: Object.defineProperty(value, 'name', { value: name }), writable: true });
  }
  for (const [name, get] of Object.entries(getters)) define(name, { get: naming(name, get as () => unknown) });
  for (const name of Reflect.ownKeys(methods)) {
    const value = methods[name as string] as () => unknown;
    define(name, { value: typeof name === 'string' ? naming(name, value) : value, writable: true });
  }
  define(Symbol.dispose, { value: prototype.dispose, writable: true });
  define('index', { value: index, writable: true });
  define('at', { value: at, writable: true });
  define('item', { value: item, writable: true });
  define('data', { value: data, writable: true });
  define('conj', { value: method(bind('conjugate') as Call), writable: true });
  define(Symbol.toPrimitive, { value: toPrimitive });
  define(Symbol.iterator, { value: items, writable: true });
}

/** The getter, or the method without arguments, with its own name in the error of an array that was disposed. */
function naming(name: string, run: (this: Tensor) => unknown): (this: Tensor) => unknown {
  const operation = `mx.array.${name}`;
  const member = function (this: Tensor): unknown {
    try {
      if (!isTensor(this)) throw wrongReceiver(this, operation);
      return run.call(this);
    } catch (error) {
      throw named(error, operation);
    }
  };
  return Object.defineProperty(member, 'name', { value: name });
}

function wrongReceiver(receiver: unknown, operation: string): ArgumentError {
  return new ArgumentError(`expected to be called on an array (mx.array), not on ${describeValue(receiver)}`, {
    operation,
  });
}

/** Goes over the first axis. */
function* items(this: Tensor): IterableIterator<Tensor> {
  if (!isTensor(this)) throw wrongReceiver(this, 'mx.array');
  const { length } = this;
  for (let i = 0; i < length; i++) yield getItem(this, [i]);
}

function index(this: Tensor, ...parts: unknown[]): Tensor {
  return getItem(this, parts);
}

function at(this: Tensor, ...parts: IndexPart[]): ArrayAt {
  return new ArrayAt(this, parts);
}

function toPrimitive(this: Tensor, hint: string): number | string {
  if (!isTensor(this)) throw wrongReceiver(this, 'mx.array');
  if (hint === 'string') return this.toString();
  const { shape } = router.info(this);
  if (product(shape) !== 1) {
    throw new ArgumentError(
      `expected an array of size 1 where JavaScript takes a number, received shape [${shape}]; its operators know no ` +
        'arrays: write x.add(1) for x + 1, x.multiply(2) for x * 2, x.greater(0) for x > 0, x.equal(0) for x == 0, ' +
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what to write
        'and `${x}` for the text',
      { operation: 'mx.array' },
    );
  }
  const element = this.item();
  if (typeof element !== 'object') return Number(element);
  throw new ArgumentError(`a complex element is no number: ${element}`, { operation: 'mx.array' });
}

type Call = (...args: unknown[]) => unknown;

function method(call: (...args: unknown[]) => unknown) {
  return function (this: unknown, ...args: unknown[]): unknown {
    switch (args.length) {
      case 0:
        return call(this);
      case 1:
        return call(this, args[0]);
      default:
        return call(this, ...args);
    }
  };
}

install();

export interface ArrayConstructor {
  /** An array of nested numbers, a typed array, or another array; float32 for numbers unless `dtype` says otherwise. */
  new (data: Nested<Scalar | Tensor> | ArrayBufferView | Operand, dtype?: Dtype | null): Tensor;
  (data: Nested<Scalar | Tensor> | ArrayBufferView | Operand, dtype?: Dtype | null): Tensor;
  readonly prototype: Tensor;
}

function array(data: unknown, dtype?: unknown): Tensor {
  return construct(data, dtype);
}
array.prototype = Tensor.prototype;
Object.defineProperty(Tensor, 'name', { value: 'array' });

const arrayClass = array as unknown as ArrayConstructor;

export { arrayClass as array };
