import { PythonValue, type RemotePlace, type RemotePort, type RemoteStep } from '../../backend/remote-objects.ts';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { Dtype } from '../../foundation/values/dtypes.ts';
import { type Callback, Complex, type Handle, Slice } from '../../foundation/values/values.ts';
import { dtypeOfView } from '../../foundation/values/views.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import type { PythonWorker } from '../requests/call.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import type { Transfer } from '../tensors/transfer.ts';
import type { ObjectTable } from './object-table.ts';

const MOST_LEVELS = 100;
const MOST_VALUES = 2 ** 22;
/** Typed arrays begin at multiples of that many bytes. */
const ALIGNMENT = 8;
/** UTF-8 cannot hold them. */
const LONE_SURROGATE = /\p{Surrogate}/u;

type Runnable = (...args: unknown[]) => unknown;

/** What the values of one request may refer to. */
export interface Surroundings {
  readonly port: RemotePort;
  readonly objects: ObjectTable;
  readonly tensors: TensorTable;
  readonly transfer: Transfer;
  readonly functions: Functions;
  /** Makes a tensor of the bytes in that worker. */
  readonly bring: Bring;
}

export type Bring = (worker: PythonWorker, bytes: Uint8Array, shape: readonly number[], dtype: Dtype) => Handle;

/** JavaScript functions as the callbacks that workers hold. */
export interface Functions {
  callback(run: Runnable, worker: PythonWorker): Callback;
}

/** The values of one request to one worker, as `docs/protocol.md` writes them. */
export class ValueEncoder {
  /** Tensors that have to come to the worker before the request can be sent; then it is to be encoded anew. */
  readonly foreign = new Set<RemoteTensor>();
  readonly #in: Surroundings;
  readonly #worker: PythonWorker;
  readonly #label: string;
  readonly #open = new Set<object>();
  readonly #chunks: Uint8Array[] = [];
  /** The number that the worker knows a function by. */
  readonly #register: (callback: Callback) => number;
  #bytes = 0;
  #count = 0;

  readonly #takeBack: (number: number) => void;
  readonly #registered: number[] = [];

  constructor(
    surroundings: Surroundings,
    worker: PythonWorker,
    label: string,
    register: (callback: Callback) => number,
    takeBack: (number: number) => void = () => {},
  ) {
    this.#register = register;
    this.#takeBack = takeBack;
    this.#in = surroundings;
    this.#worker = worker;
    this.#label = label;
  }

  /** The bytes of typed arrays, one behind the other. */
  get payload(): Uint8Array<ArrayBuffer> {
    const payload = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      payload.set(chunk, at);
      at += aligned(chunk.length);
    }
    return payload;
  }

  /** A part that the request can do without: if it cannot be encoded, nothing of it is registered or sent. */
  part<T>(encode: () => T): T {
    const [registered, chunks, bytes] = [this.#registered.length, this.#chunks.length, this.#bytes];
    try {
      return encode();
    } catch (error) {
      for (const number of this.#registered.splice(registered)) this.#takeBack(number);
      this.#chunks.length = chunks;
      this.#bytes = bytes;
      throw error;
    }
  }

  path(path: readonly RemoteStep[]): unknown[] {
    return path.map((step) => (typeof step === 'string' ? step : [this.value(step.key)]));
  }

  keywords(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const given = Object.entries(values).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given.map(([name, value]) => [name, this.value(value)]));
  }

  value(value: unknown): unknown {
    switch (typeof value) {
      case 'undefined':
        return null;
      case 'boolean':
        return value;
      case 'number':
        return number(value);
      case 'bigint':
        return integer(value);
      case 'string':
        return LONE_SURROGATE.test(value) ? { u: utf16(value) } : value;
      case 'object':
        return value === null ? null : this.#object(value);
      case 'function':
        return this.#place(value) ?? { j: this.#registerCallback(value as Runnable) };
      default:
        return this.#refuse(value);
    }
  }

  #registerCallback(run: Runnable): number {
    const number = this.#register(this.#in.functions.callback(run, this.#worker));
    this.#registered.push(number);
    return number;
  }

  #object(value: object): unknown {
    if (Array.isArray(value)) return this.#nested(value, value.length, () => this.#list(value));
    if (value instanceof PythonValue) return this.#marked(value);
    if (value instanceof Complex) return { c: [number(value.re), number(value.im)] };
    if (value instanceof Slice) return { i: [value.start, value.stop, value.step] };
    if (value instanceof Dtype) return { d: value.code };
    if (ArrayBuffer.isView(value)) return this.#view(value, false);
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (value instanceof Map) {
      return this.#nested(value, value.size, () => ({ m: [...value].flat().map((part) => this.value(part)) }));
    }
    if (value instanceof Set) return this.#nested(value, value.size, () => ({ S: this.#list([...value]) }));
    return this.#tensor(value) ?? this.#place(value) ?? this.#dict(value);
  }

  #dict(value: object): unknown {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) return this.#refuse(value);
    const entries = Object.entries(value);
    return this.#nested(value, entries.length, () => ({ m: entries.flat().map((part) => this.value(part)) }));
  }

  /** Not `map`, which passes over holes. */
  #list(items: readonly unknown[]): unknown[] {
    return Array.from(items, (item) => this.value(item));
  }

  #nested<T>(value: object, count: number, encode: () => T): T {
    if (this.#open.has(value)) this.#fail('the data holds itself, so it cannot be sent by value');
    if (this.#open.size >= MOST_LEVELS) this.#fail(`the data is nested deeper than ${MOST_LEVELS} levels`);
    this.#count += count;
    if (this.#count > MOST_VALUES) {
      this.#fail(`the data has more than ${MOST_VALUES} values; send numbers as an array`);
    }
    this.#open.add(value);
    try {
      return encode();
    } finally {
      this.#open.delete(value);
    }
  }

  #marked({ as, value }: PythonValue): unknown {
    if (as === 'float') return Object.is(value, -0) ? { z: 0 } : { f: value };
    if (as === 'tuple') return { T: this.value(value) };
    return ArrayBuffer.isView(value) ? this.#view(value, true) : { n: this.value(value) };
  }

  #view(view: ArrayBufferView, bytesAsArray: boolean): unknown {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    // Whatever the class is called: a Buffer is bytes too.
    if (view instanceof Uint8Array && !bytesAsArray) return bytes;
    const dtype = dtypeOfView(view);
    if (dtype === undefined) return this.#refuse(view);
    const at = this.#bytes;
    this.#chunks.push(bytes);
    this.#bytes += aligned(bytes.length);
    return { a: [dtype.code, at, bytes.length] };
  }

  #tensor(value: object): unknown {
    const { port, tensors, bring } = this.#in;
    const handle = port.handleOf(value, (bytes, shape, dtype) => bring(this.#worker, bytes, shape, dtype));
    if (handle === undefined) return undefined;
    const tensor = tensors.usable(handle, this.#label);
    const id = tensors.idAt(tensor, this.#worker);
    if (id === undefined) this.foreign.add(tensor);
    return { t: id ?? 0 };
  }

  #place(value: object): unknown {
    const place = this.#in.port.placeOf(value);
    if (place === undefined) return undefined;
    const number = this.#numberOf(place);
    return place.path.length === 0 ? { r: number } : { p: [number, this.path(place.path)] };
  }

  #numberOf({ reference }: RemotePlace): number {
    const { holder, title, number } = this.#in.objects.usable(reference, this.#label);
    if (holder === this.#worker) return number;
    return this.#fail(
      `the object (${title}) lives in worker ${holder.place}, the call runs in worker ${this.#worker.place}; ` +
        'objects do not move: make both in one worker, with { beside } of mx.python.import or in one session',
    );
  }

  #refuse(value: unknown): never {
    const described = describeValue(value);
    const received = value instanceof Promise ? 'a promise (await it first)' : described;
    return this.#fail(`expected plain data, an array or a remote object, received ${received}`);
  }

  #fail(message: string): never {
    throw new ArgumentError(message, { operation: this.#label });
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function number(value: number): unknown {
  // MessagePack writers take -0 for the integer 0, and large whole numbers for floats.
  if (Object.is(value, -0)) return { z: 0 };
  return Number.isSafeInteger(value) && Math.abs(value) >= 2 ** 31 ? BigInt(value) : value;
}

function integer(value: bigint): unknown {
  return value >= -(2n ** 63n) && value < 2n ** 64n ? value : { I: value.toString(16) };
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}
