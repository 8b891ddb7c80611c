import type { Backend, TensorInfo } from '../registry/backend.ts';
import {
  ArgumentError,
  DisposedError,
  type Implementation,
  MlxRouterError,
  ProtocolError,
  WorkerTimeoutError,
} from '../registry/errors.ts';
import type { Handle } from '../registry/values.ts';
import type { Telemetry } from './telemetry.ts';
import type { Tensor } from './tensor.ts';
import { tensorsOf } from './tree.ts';

export type Backends = Readonly<Record<Implementation, Backend>>;

type Homes = Pick<Tensor, 'native' | 'python'>;

/** Where tensors live, and the copies between the two sides. */
export class Residency {
  readonly #backends: Backends;
  readonly #telemetry: Telemetry;
  /** The copies that were made in each open `tidy`, innermost last. */
  #copies: { tensor: Tensor; side: Implementation }[][] = [];
  /** The tensors that were replaced in each open `tidy`, with the homes that they had before. */
  readonly #replaced: Map<Tensor, Homes>[] = [];

  constructor(backends: Backends, telemetry: Telemetry) {
    this.#backends = backends;
    this.#telemetry = telemetry;
  }

  /** A home that the tensor has: the native one if there are two, for it costs no round trip. */
  home(tensor: Tensor): { backend: Backend; handle: Handle } {
    if (tensor.native !== null) return { backend: this.#backends.native, handle: tensor.native };
    if (tensor.python !== null) return { backend: this.#backends.python, handle: tensor.python };
    throw new DisposedError(DISPOSED);
  }

  /** The homes by side; of a worker's home also which worker it is, and the tensor's number there. */
  where({ native, python }: Tensor) {
    const located = python !== null && this.#backends.python.isAlive(python);
    const place = located ? this.#backends.python.locate?.(python) : undefined;
    return { native: native !== null, python: python !== null, ...place };
  }

  /** Every home that the tensor has. */
  homes(tensor: Tensor): { backend: Backend; handle: Handle }[] {
    const { native, python } = this.#backends;
    return [
      ...(tensor.native === null ? [] : [{ backend: native, handle: tensor.native }]),
      ...(tensor.python === null ? [] : [{ backend: python, handle: tensor.python }]),
    ];
  }

  info(tensor: Tensor): TensorInfo {
    if (tensor.info === null) {
      const { backend, handle } = this.home(tensor);
      const info = backend.describe(handle);
      // A frozen array is asked each time.
      Reflect.set(tensor, 'info', info);
      return info;
    }
    this.home(tensor);
    return tensor.info;
  }

  /**
   * The handle at that side; copies the values there the first time, which evaluates what was a graph. `create` makes the
   * copy where the caller wants it.
   */
  at(tensor: Tensor, side: Implementation, create?: Backend['create']): Handle {
    if (side === 'python') this.#dropLost(tensor);
    const known = tensor[side];
    if (known !== null) return known;
    const { backend, handle } = this.home(tensor);
    const { shape, dtype } = this.info(tensor);
    return this.#telemetry.span('mlx_router.transfer', { from: backend.name, to: side }, true, () => {
      const bytes = backend.read(handle);
      const copy =
        create === undefined ? this.#backends[side].create(bytes, shape, dtype) : create(bytes, shape, dtype);
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
    if (tensor.python !== null || python.createSoon === undefined) return this.at(tensor, 'python');
    const { backend, handle } = this.home(tensor);
    const { shape, dtype } = this.info(tensor);
    return this.#telemetry.span('mlx_router.transfer', { from: backend.name, to: 'python' }, true, () => {
      const bytes = backend.read(handle);
      const { byteLength } = bytes;
      const made = python.createSoon?.(bytes, shape, dtype, operation) as Handle | Promise<Handle>;
      if (made instanceof Promise) {
        return made.then((copy) => {
          this.#telemetry.transferred('python', byteLength);
          python.own(copy, undefined);
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
    if (!Reflect.set(tensor, side, copy)) return;
    // A copy lives as long as what it is a copy of.
    if (copy.session !== origin.session) this.#backends[side].own(copy, origin.session);
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
    if (native === null || python === null || this.#backends.python.isLost?.(python) !== true) return false;
    if (!this.#backends.native.isAlive(native)) return false;
    if (!Reflect.set(tensor, 'python', null)) return false;
    this.#backends.python.free(python);
    return true;
  }

  /** Frees every home. */
  dispose(tensor: Tensor): void {
    const { native, python } = tensor;
    // A frozen array keeps the handles, whose backends know that they are freed.
    Reflect.set(tensor, 'native', null);
    Reflect.set(tensor, 'python', null);
    if (native !== null) this.#backends.native.free(native);
    if (python !== null) this.#backends.python.free(python);
  }

  /** The tensor is the other one from now on, as Python's in-place operators have it. */
  replace(tensor: Tensor, by: Tensor): void {
    const { session } = this.home(tensor).handle;
    if (Object.isFrozen(tensor)) {
      throw new ArgumentError('the array is frozen, so nothing can be written into it; write x = x.add(y) for x += y', {
        operation: 'mx.array',
      });
    }
    for (const { backend, handle } of this.homes(by)) if (handle.session !== session) backend.own(handle, session);
    const scope = this.#replaced.at(-1);
    if (scope !== undefined && !scope.has(tensor)) scope.set(tensor, { native: tensor.native, python: tensor.python });
    tensor.native = by.native;
    tensor.python = by.python;
    tensor.info = by.info;
  }

  /** Whether a `tidy` of a synchronous function runs. */
  get inScope(): boolean {
    return this.#copies.length > 0;
  }

  beginScope(): void {
    this.#copies.push([]);
    this.#replaced.push(new Map());
    for (const backend of Object.values(this.#backends)) backend.beginScope();
  }

  /**
   * Frees what was made since, but `keep`. A tensor from outside loses the copy that was made of it, and lives on; one
   * that was replaced keeps its new values.
   */
  endScope(keep: readonly Tensor[]): void {
    const replaced = this.#replaced.pop() ?? new Map<Tensor, Homes>();
    const kept = [...new Set([...keep, ...replaced.keys()])];
    for (const backend of Object.values(this.#backends)) {
      const handles = kept.map((tensor) => tensor[backend.name]);
      backend.endScope(handles.filter((handle) => handle !== null));
    }
    for (const [tensor, before] of replaced) {
      if (this.#isAlive(before)) this.#replaced.at(-1)?.set(tensor, this.#replaced.at(-1)?.get(tensor) ?? before);
      else if (!keep.includes(tensor)) this.dispose(tensor);
    }
    for (const { tensor, side } of this.#copies.pop() ?? []) {
      const copy = tensor[side];
      const origin = tensor[side === 'native' ? 'python' : 'native'];
      // A tensor with no home left of its own keeps the dead one, and so is known to be disposed.
      if (copy !== null && origin !== null && !this.#backends[side].isAlive(copy)) tensor[side] = null;
    }
  }

  isDisposed(tensor: Tensor): boolean {
    return !this.#isAlive(tensor);
  }

  #isAlive({ native, python }: Homes): boolean {
    return (
      (native !== null && this.#backends.native.isAlive(native)) ||
      (python !== null && this.#backends.python.isAlive(python))
    );
  }
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
