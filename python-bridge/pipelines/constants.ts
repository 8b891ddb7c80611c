import { bool, type Dtype, float32, int32 } from '../../foundation/values/dtypes.ts';
import type { Handle, Scalar } from '../../foundation/values/values.ts';
import type { PythonWorker } from '../requests/call.ts';

/** A program whose numbers never come again must not fill the worker. */
const MOST_NUMBERS = 256;

interface Held {
  readonly worker: PythonWorker;
  readonly handle: Handle;
}

/** What constants need of those who hold tensors. */
export interface TensorStore {
  create(worker: PythonWorker, bytes: Uint8Array<ArrayBuffer>, dtype: Dtype): Handle;
  isAlive(handle: Handle): boolean;
  free(handle: Handle): void;
}

/** Numbers that come again and again as operands of one pipeline: from the second time on they are tensors of the worker. */
export class Constants {
  readonly #store: TensorStore;
  /** By dtype and value; null: it has come once. */
  readonly #numbers = new Map<Dtype, Map<unknown, Held | null>>();
  #count = 0;

  constructor(store: TensorStore) {
    this.#store = store;
  }

  /** The number as a tensor of that worker; null where it is not worth it. */
  get({ value, dtype }: Scalar, worker: PythonWorker): Handle | null {
    const encode = ENCODERS.get(dtype);
    // Of the numbers that maps take for the same, -0 is the rare one.
    if (encode === undefined || typeof value === 'object' || Object.is(value, -0)) return null;
    let values = this.#numbers.get(dtype);
    if (values === undefined) {
      values = new Map();
      this.#numbers.set(dtype, values);
    }
    const held = values.get(value);
    if (held != null && held.worker === worker && this.#store.isAlive(held.handle)) return held.handle;
    if (held === undefined) {
      if (this.#count === MOST_NUMBERS) this.clear();
      else {
        values.set(value, null);
        this.#count += 1;
      }
      return null;
    }
    if (held !== null) this.#store.free(held.handle);
    const bytes = new Uint8Array(encode(Number(value)).buffer);
    const handle = this.#store.create(worker, bytes, dtype);
    values.set(value, { worker, handle });
    return handle;
  }

  clear(): void {
    for (const values of this.#numbers.values()) {
      for (const held of values.values()) if (held !== null) this.#store.free(held.handle);
    }
    this.#numbers.clear();
    this.#count = 0;
  }
}

/** Of the dtypes that numbers have in most programs; the others go as items. */
const ENCODERS = new Map<Dtype, (value: number) => { readonly buffer: ArrayBuffer }>([
  [float32, (value) => Float32Array.of(value)],
  [int32, (value) => Int32Array.of(value)],
  [bool, (value) => Uint8Array.of(value === 0 ? 0 : 1)],
]);
