import type { Backend, TensorInfo } from '../../backend/backend.ts';
import {
  ArgumentError,
  DisposedError,
  type Implementation,
  MlxRouterError,
  ProtocolError,
  WorkerTimeoutError,
} from '../../foundation/errors/errors.ts';
import type { Handle } from '../../foundation/values/values.ts';
import type { Backends } from '../selection/backends.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { homeAt, setField, setHome, type Tensor } from './tensor.ts';
import { tensorsOf } from './tree.ts';

interface Home {
  readonly backend: Backend;
  readonly handle: Handle;
}

/** Where tensors live, and the copies between the backends. */
export class Residency {
  readonly #backends: Backends;
  readonly #telemetry: Telemetry;
  /** The copies that were made in each open `tidy`, innermost last. */
  #copies: { tensor: Tensor; side: Implementation }[][] = [];
  /** The tensors that were replaced in each open `tidy`, with the homes that they had before. */
  readonly #replaced: Map<Tensor, readonly Home[]>[] = [];

  constructor(backends: Backends, telemetry: Telemetry) {
    this.#backends = backends;
    this.#telemetry = telemetry;
  }

  /** A home that the tensor has: the native one if there are several, for it costs no round trip. */
  home(tensor: Tensor): Home {
    if (tensor.native !== null) return { backend: this.#backends.native, handle: tensor.native };
    for (const backend of this.#backends.all) {
      const handle = homeAt(tensor, backend.name);
      if (handle !== null) return { backend, handle };
    }
    throw new DisposedError(DISPOSED);
  }

  /** The homes by side; of a worker's home also which worker it is, and the tensor's number there. */
  where({ native, python }: Tensor) {
    const located = python !== null && this.#backends.python.isAlive(python);
    const place = located ? this.#backends.python.workers?.locate(python) : undefined;
    return { native: native !== null, python: python !== null, ...place };
  }

  /** Every home that the tensor has. */
  homes(tensor: Tensor): Home[] {
    return this.#backends.all.flatMap((backend) => {
      const handle = homeAt(tensor, backend.name);
      return handle === null ? [] : [{ backend, handle }];
    });
  }

  info(tensor: Tensor): TensorInfo {
    const known = tensor.info;
    if (known !== null && tensor.native !== null) return known;
    const { backend, handle } = this.home(tensor);
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
    const known = homeAt(tensor, side);
    if (known !== null) return known;
    const { backend, handle } = this.home(tensor);
    const { shape, dtype } = this.info(tensor);
    return this.#telemetry.span('mlx_router.transfer', { from: backend.name, to: side }, true, () => {
      const bytes = backend.read(handle);
      const copy =
        create === undefined ? this.#backends.get(side).create(bytes, shape, dtype) : create(bytes, shape, dtype);
      this.#telemetry.transferred(side, bytes.byteLength);
      this.#give(tensor, side, copy, handle);
      return copy;
    });
  }

  /**
   * As `at` for Python, without sleeping. Where a worker must start first, a promise of a copy that is the caller's own
   * until `settle`; the values are read before this returns.
   */
  soon(tensor: Tensor, operation: string): Handle | Promise<Handle> {
    const { python } = this.#backends;
    this.#dropLost(tensor);
    const { workers } = python;
    if (tensor.python !== null || workers === undefined) return this.at(tensor, 'python');
    const { backend, handle } = this.home(tensor);
    const { shape, dtype } = this.info(tensor);
    return this.#telemetry.span('mlx_router.transfer', { from: backend.name, to: 'python' }, true, () => {
      const bytes = backend.read(handle);
      const { byteLength } = bytes;
      const made = workers.createSoon(bytes, shape, dtype, operation);
      if (made instanceof Promise) {
        return made.then((copy) => {
          this.#telemetry.transferred('python', byteLength);
          python.sessions?.own(copy, undefined);
          return copy;
        });
      }
      this.#telemetry.transferred('python', byteLength);
      this.#give(tensor, 'python', made, handle);
      return made;
    });
  }

  /** The copy is the tensor's from now on, or freed, if that is not any more what it was copied from, or has one. */
  settle(tensor: Tensor, origin: Handle, copy: Handle): void {
    const { native, python } = this.#backends;
    if (tensor.native === origin && native.isAlive(origin) && tensor.python === null) {
      this.#give(tensor, 'python', copy, origin);
    } else {
      python.free(copy);
    }
  }

  #give(tensor: Tensor, side: Implementation, copy: Handle, origin: Handle): void {
    // A frozen array gets a copy for each call.
    if (!setHome(tensor, side, copy)) return;
    // A copy lives as long as what it is a copy of.
    if (copy.session !== origin.session) this.#backends.get(side).sessions?.own(copy, origin.session);
    this.#copies.at(-1)?.push({ tensor, side });
  }

  /** Whether values that a worker took with it are still there on the native side, so that they can go over again. */
  canBringAgain(values: readonly unknown[], operation: string): boolean {
    let any = false;
    for (const tensor of tensorsOf(values, operation)) any = this.#dropLost(tensor) || any;
    return any;
  }

  /** A tensor with two homes outlives a worker. */
  #dropLost(tensor: Tensor): boolean {
    const { native, python } = tensor;
    if (native === null || python === null || this.#backends.python.workers?.isLost(python) !== true) return false;
    if (!this.#backends.native.isAlive(native)) return false;
    if (!setField(tensor, 'python', null)) return false;
    this.#backends.python.free(python);
    return true;
  }

  /** Frees every home. */
  dispose(tensor: Tensor): void {
    for (const backend of this.#backends.all) {
      const handle = homeAt(tensor, backend.name);
      if (handle === null) continue;
      // A frozen array keeps the handles, whose backends know that they are freed.
      setHome(tensor, backend.name, null);
      backend.free(handle);
    }
  }

  /** The tensor is the other one from now on, as Python's in-place operators have it. */
  replace(tensor: Tensor, by: Tensor): void {
    const { session } = this.home(tensor).handle;
    if (Object.isFrozen(tensor)) {
      throw new ArgumentError('the array is frozen, so nothing can be written into it; write x = x.add(y) for x += y', {
        operation: 'mx.array',
      });
    }
    for (const { backend, handle } of this.homes(by)) {
      if (handle.session !== session) backend.sessions?.own(handle, session);
    }
    const scope = this.#replaced.at(-1);
    if (scope !== undefined && !scope.has(tensor)) scope.set(tensor, this.homes(tensor));
    for (const { name } of this.#backends.all) setHome(tensor, name, homeAt(by, name));
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
   * Frees what was made since, but `keep`. A tensor from outside loses the copy that was made of it, and lives on; one
   * that was replaced keeps its new values.
   */
  endScope(keep: readonly Tensor[]): void {
    const replaced = this.#replaced.pop() ?? new Map<Tensor, readonly Home[]>();
    const kept = [...new Set([...keep, ...replaced.keys()])];
    for (const { name, scopes } of this.#backends.all) {
      const handles = kept.map((tensor) => homeAt(tensor, name));
      scopes?.end(handles.filter((handle) => handle !== null));
    }
    for (const [tensor, before] of replaced) {
      if (isAlive(before)) this.#replaced.at(-1)?.set(tensor, this.#replaced.at(-1)?.get(tensor) ?? before);
      else if (!keep.includes(tensor)) this.dispose(tensor);
    }
    for (const { tensor, side } of this.#copies.pop() ?? []) {
      const homes = this.homes(tensor);
      const copy = homeAt(tensor, side);
      // A tensor with no home left of its own keeps the dead one, and so is known to be disposed.
      if (copy !== null && homes.length > 1 && !this.#backends.get(side).isAlive(copy)) setHome(tensor, side, null);
    }
  }

  isDisposed(tensor: Tensor): boolean {
    return !isAlive(this.homes(tensor));
  }
}

function isAlive(homes: readonly Home[]): boolean {
  return homes.some(({ backend, handle }) => backend.isAlive(handle));
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
