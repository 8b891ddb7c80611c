import type { Backend, TensorInfo } from '../registry/backend.ts';
import { DisposedError, type Implementation } from '../registry/errors.ts';
import type { Handle } from '../registry/values.ts';
import type { Telemetry } from './telemetry.ts';
import type { Tensor } from './tensor.ts';

export type Backends = Readonly<Record<Implementation, Backend>>;

/** Where tensors live, and the copies between the two sides. */
export class Residency {
  readonly #backends: Backends;
  readonly #telemetry: Telemetry;

  constructor(backends: Backends, telemetry: Telemetry) {
    this.#backends = backends;
    this.#telemetry = telemetry;
  }

  /** A home that the tensor has: the native one if there are two, for it costs no round trip. */
  home(tensor: Tensor): { backend: Backend; handle: Handle } {
    if (tensor.native !== null) return { backend: this.#backends.native, handle: tensor.native };
    if (tensor.python !== null) return { backend: this.#backends.python, handle: tensor.python };
    throw new DisposedError('the array was disposed; it cannot be used any more');
  }

  info(tensor: Tensor): TensorInfo {
    if (tensor.info === null) {
      const { backend, handle } = this.home(tensor);
      tensor.info = backend.describe(handle);
    } else {
      this.home(tensor);
    }
    return tensor.info;
  }

  /** The handle at that side; copies the values there the first time, which evaluates what was a graph. */
  at(tensor: Tensor, side: Implementation): Handle {
    const known = tensor[side];
    if (known !== null) return known;
    const { backend, handle } = this.home(tensor);
    const { shape, dtype } = this.info(tensor);
    return this.#telemetry.span('mlx_router.transfer', { from: backend.name, to: side }, true, () => {
      const bytes = backend.read(handle);
      const copy = this.#backends[side].create(bytes, shape, dtype);
      this.#telemetry.transferred(side, bytes.byteLength);
      tensor[side] = copy;
      return copy;
    });
  }

  /** Frees every home. */
  dispose(tensor: Tensor): void {
    const { native, python } = tensor;
    tensor.native = null;
    tensor.python = null;
    if (native !== null) this.#backends.native.free(native);
    if (python !== null) this.#backends.python.free(python);
  }

  isDisposed(tensor: Tensor): boolean {
    const { native, python } = tensor;
    return (
      (native === null || !this.#backends.native.isAlive(native)) &&
      (python === null || !this.#backends.python.isAlive(python))
    );
  }
}

/** The same error with the operation's name, for those that a backend throws without knowing it. */
export function named(error: unknown, operation: string): unknown {
  if (!(error instanceof DisposedError) || error.operation !== undefined) return error;
  return new DisposedError(error.message, { operation, implementation: error.implementation, cause: error });
}
