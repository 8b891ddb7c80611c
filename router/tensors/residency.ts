import type { Backend, TensorInfo } from '../../backend/backend.ts';
import {
  ArgumentError,
  DisposedError,
  type Implementation,
  MlxRouterError,
  ProtocolError,
  WorkerTimeoutError,
} from '../../foundation/errors/errors.ts';
import { type Handle, LentHandle } from '../../foundation/values/values.ts';
import type { Backends } from '../selection/backends.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { handleAt, setField, setHandle, type Tensor } from './tensor.ts';
import { tensorsOf } from './tree.ts';

interface Holder {
  readonly backend: Backend;
  readonly handle: Handle;
}

interface Copy {
  readonly tensor: Tensor;
  /** The copy, and where it is. */
  readonly backend: Backend;
  readonly handle: Handle;
  /** What it is a copy of, and where that is. */
  readonly from: Holder;
}

/** Where tensors live, and the copies between the backends. */
export class Residency {
  readonly #backends: Backends;
  readonly #telemetry: Telemetry;
  /** The copies that were made in each open `tidy`, innermost last. */
  readonly #copies: Copy[][] = [];
  /** The tensors that were replaced in each open `tidy`, with the handles that they had before. */
  readonly #replaced: Map<Tensor, readonly Holder[]>[] = [];

  constructor(backends: Backends, telemetry: Telemetry) {
    this.#backends = backends;
    this.#telemetry = telemetry;
  }

  /** A backend that holds the tensor: native if there are several, for it costs no round trip. */
  holder(tensor: Tensor): Holder {
    if (tensor.native !== null) return { backend: this.#backends.native, handle: tensor.native };
    for (const backend of this.#backends.all) {
      const handle = handleAt(tensor, backend.name);
      if (handle !== null) return { backend, handle };
    }
    throw new DisposedError(DISPOSED);
  }

  /** The backends that hold it; of a worker also which one it is, and the tensor's number there. */
  where({ native, python }: Tensor) {
    const located = python !== null && this.#backends.python.isAlive(python);
    const place = located ? this.#backends.python.workers?.locate(python) : undefined;
    return { native: native !== null, python: python !== null, ...place };
  }

  /** Every backend that holds the tensor, with its handle there. */
  holders(tensor: Tensor): Holder[] {
    return this.#backends.all.flatMap((backend) => {
      const handle = handleAt(tensor, backend.name);
      return handle === null ? [] : [{ backend, handle }];
    });
  }

  info(tensor: Tensor): TensorInfo {
    const known = tensor.info;
    if (known !== null && tensor.native !== null) return known;
    const { backend, handle } = this.holder(tensor);
    if (known !== null) return known;
    const info = backend.describe(handle);
    // A frozen array is asked each time.
    setField(tensor, 'info', info);
    return info;
  }

  /**
   * The handle at that side; copies the values there the first time, which evaluates what was a graph. `create` makes the
   * copy where the caller wants it.
   */
  at(tensor: Tensor, side: Implementation, create?: Backend['create']): Handle {
    if (side === 'python') this.#dropLost(tensor);
    const known = handleAt(tensor, side);
    if (known !== null) return known;
    const { backend, handle } = this.holder(tensor);
    const { shape, dtype } = this.info(tensor);
    return this.#telemetry.span('mlx_router.transfer', { from: backend.name, to: side }, true, () => {
      const bytes = backend.read(handle);
      const copy =
        create === undefined ? this.#backends.get(side).create(bytes, shape, dtype) : create(bytes, shape, dtype);
      this.#telemetry.transferred(side, bytes.byteLength);
      this.#give(tensor, side, copy, { backend, handle });
      return copy;
    });
  }

  /**
   * As `at` for a backend with workers, without blocking. Where a worker must start first, a promise of a copy that is the caller's own
   * until `settle`; the values are read before this returns.
   */
  soon(tensor: Tensor, side: Implementation, operation: string): Handle | Promise<Handle> {
    const target = this.#backends.get(side);
    this.#dropLost(tensor);
    const { workers } = target;
    if (handleAt(tensor, side) !== null || workers === undefined) return this.at(tensor, side);
    const { backend, handle } = this.holder(tensor);
    const { shape, dtype } = this.info(tensor);
    return this.#telemetry.span('mlx_router.transfer', { from: backend.name, to: side }, true, () => {
      const bytes = backend.read(handle);
      const { byteLength } = bytes;
      const made = workers.createSoon(bytes, shape, dtype, operation);
      if (made instanceof Promise) {
        return made.then((copy) => {
          this.#telemetry.transferred(side, byteLength);
          target.sessions?.own(copy, undefined);
          return copy;
        });
      }
      this.#telemetry.transferred(side, byteLength);
      this.#give(tensor, side, made, { backend, handle });
      return made;
    });
  }

  /** The copy is the tensor's from now on, or freed, if that is not any more what it was copied from, or has one. */
  settle(tensor: Tensor, side: Implementation, origin: Handle, copy: Handle): void {
    const { native } = this.#backends;
    if (tensor.native === origin && native.isAlive(origin) && handleAt(tensor, side) === null) {
      this.#give(tensor, side, copy, { backend: native, handle: origin });
    } else {
      this.#backends.get(side).free(copy);
    }
  }

  /** A copy is kept as long as what it is a copy of. */
  #give(tensor: Tensor, side: Implementation, handle: Handle, from: Holder): void {
    // A frozen array gets a copy for each call.
    if (!setHandle(tensor, side, handle)) return;
    const backend = this.#backends.get(side);
    const { session } = from.handle;
    if (handle.session !== session) backend.sessions?.own(handle, session);
    this.#copies.at(-1)?.push({ tensor, backend, handle, from });
  }

  /** Whether values that a worker took with it are still there on the native side, so that they can go over again. */
  canBringAgain(values: readonly unknown[], operation: string): boolean {
    let any = false;
    for (const tensor of tensorsOf(values, operation)) any = this.#dropLost(tensor) || any;
    return any;
  }

  /** A tensor with two handles outlives a worker. */
  #dropLost(tensor: Tensor): boolean {
    const { native, python } = tensor;
    if (native === null || python === null || this.#backends.python.workers?.isLost(python) !== true) return false;
    if (!this.#backends.native.isAlive(native)) return false;
    if (!setField(tensor, 'python', null)) return false;
    this.#backends.python.free(python);
    return true;
  }

  /** Frees every handle. */
  dispose(tensor: Tensor): void {
    for (const backend of this.#backends.all) {
      const handle = handleAt(tensor, backend.name);
      if (handle === null) continue;
      // A frozen array keeps the handles, whose backends know that they are freed.
      setHandle(tensor, backend.name, null);
      if (!(handle instanceof LentHandle)) backend.free(handle);
    }
  }

  /** The tensor is the other one from now on, as Python's in-place operators have it. */
  replace(tensor: Tensor, by: Tensor): void {
    const { session } = this.holder(tensor).handle;
    if (Object.isFrozen(tensor)) {
      throw new ArgumentError('the array is frozen, so nothing can be written into it; write x = x.add(y) for x += y', {
        operation: 'mx.array',
      });
    }
    for (const { backend, handle } of this.holders(by)) {
      if (handle.session !== session) backend.sessions?.own(handle, session);
    }
    const scope = this.#replaced.at(-1);
    if (scope !== undefined && !scope.has(tensor)) scope.set(tensor, this.holders(tensor));
    for (const { name } of this.#backends.all) setHandle(tensor, name, handleAt(by, name));
    tensor.info = by.info;
  }

  /** Whether a `tidy` of a synchronous function runs. */
  get inScope(): boolean {
    return this.#copies.length > 0;
  }

  beginScope(): void {
    this.#copies.push([]);
    this.#replaced.push(new Map());
    for (const { scopes } of this.#backends.all) scopes?.begin();
  }

  /**
   * Frees what was made since, but `keep`, and copies of what was there before. A tensor that was replaced keeps its new
   * values.
   */
  endScope(keep: readonly Tensor[]): void {
    const replaced = this.#replaced.pop() ?? new Map<Tensor, readonly Holder[]>();
    const kept = [...new Set([...keep, ...replaced.keys()])];
    const copies = (this.#copies.pop() ?? []).filter(
      ({ tensor, backend, handle }) => handleAt(tensor, backend.name) === handle && backend.isAlive(handle),
    );
    for (const backend of this.#backends.all) {
      const handles = kept.map((tensor) => handleAt(tensor, backend.name));
      for (const copy of copies) if (copy.backend === backend) handles.push(copy.handle);
      backend.scopes?.end(handles.filter((handle) => handle !== null));
    }
    for (const [tensor, before] of replaced) {
      if (isAlive(before)) this.#replaced.at(-1)?.set(tensor, this.#replaced.at(-1)?.get(tensor) ?? before);
      else if (!keep.includes(tensor)) this.dispose(tensor);
    }
    for (const copy of copies) {
      const { tensor, backend, handle, from } = copy;
      // One whose original went with a worker is all that the tensor has.
      const hasOriginal = handleAt(tensor, from.backend.name) === from.handle;
      if (hasOriginal && !from.backend.isAlive(from.handle)) backend.free(handle);
      else this.#copies.at(-1)?.push(copy);
    }
  }

  isDisposed(tensor: Tensor): boolean {
    return !isAlive(this.holders(tensor));
  }
}

function isAlive(holders: readonly Holder[]): boolean {
  return holders.some(({ backend, handle }) => backend.isAlive(handle));
}

const DISPOSED = 'the array was disposed; it cannot be used any more';

/** The same error with the operation's name, for those that a backend throws without knowing it. */
export function named(error: unknown, operation: string): unknown {
  if (!(error instanceof MlxRouterError) || error.operation !== undefined) return error;
  const { implementation } = error;
  // An array that is too large for a worker's pipe may be any argument of any call.
  if (error instanceof ProtocolError)
    return new ProtocolError(error.message, { operation, implementation, cause: error });
  if (error instanceof WorkerTimeoutError)
    return new WorkerTimeoutError(error.message, { operation, implementation, cause: error });
  if (!(error instanceof DisposedError)) return error;
  return new DisposedError(DISPOSED, { operation, implementation, cause: error });
}
