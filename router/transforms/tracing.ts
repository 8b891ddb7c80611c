import type { Backend, TensorInfo, TracedFunction, Transforms } from '../../backend/backend.ts';
import { type Implementation, OperationError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { type Handle, LentHandle } from '../../foundation/values/values.ts';
import type { Residency } from '../tensors/residency.ts';
import { setField, type Tensor, tensorAt } from '../tensors/tensor.ts';

/** A worker nests as many. Each takes frames of JavaScript's stack, which has no place for much more than twice that. */
const MOST_NESTED = 64;

/** Which side runs the transform that is calling a function right now. Every call inside goes there. */
export class Tracing {
  side: Implementation | undefined;
  readonly #changed: () => void;
  #nested = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  run<T>(side: Implementation, use: () => T): T {
    const before = this.side;
    this.#enter(side);
    this.#nested++;
    try {
      return use();
    } finally {
      this.#nested--;
      this.#enter(before);
    }
  }

  /** A tracer is a promise of values of its own side: it cannot be sent to the other. */
  check(forced: Implementation | undefined, operation: string): void {
    if (this.side === undefined || forced === undefined || forced === this.side) return;
    throw new UnsupportedOperationError(
      `${forced} is asked for inside a transform that runs on ${this.side}; a tracer cannot cross between the backends`,
      { operation, implementation: forced },
    );
  }

  /** Before one more function is traced inside of those that are. */
  checkDepth(implementation: Implementation): void {
    if (this.#nested < MOST_NESTED) return;
    throw new OperationError(`transforms are nested more than ${MOST_NESTED} deep`, { implementation });
  }

  #enter(side: Implementation | undefined): void {
    const changed = side !== this.side && (side === 'python' || this.side === 'python');
    this.side = side;
    if (changed) this.#changed();
  }
}

/** A tracer, the native handle that it was made with, and that of the array which it stands for. */
export interface MadeTracer {
  readonly tracer: Tensor;
  readonly handle: Handle | null;
  readonly original: Handle | null;
}

/** The transforms of one side, with tensors in place of its handles. */
export class Transformer {
  readonly side: Implementation;
  readonly transforms: Transforms;
  readonly #backend: Backend;
  readonly #residency: Residency;
  readonly #tracing: Tracing;

  constructor(backend: Backend, transforms: Transforms, residency: Residency, tracing: Tracing) {
    this.side = backend.name;
    this.transforms = transforms;
    this.#backend = backend;
    this.#residency = residency;
    this.#tracing = tracing;
  }

  wrap(handles: readonly Handle[]): Tensor[] {
    return handles.map((handle) => tensorAt(handle, this.side));
  }

  handles(tensors: readonly Tensor[]): Handle[] {
    return tensors.map((tensor) => this.#residency.at(tensor, this.side));
  }

  info(tensor: Tensor): TensorInfo {
    return this.#residency.info(tensor);
  }

  zeros({ shape, dtype }: TensorInfo): Tensor {
    const bytes = new Uint8Array(shape.reduce((size, extent) => size * extent, dtype.size));
    return tensorAt(this.#backend.create(bytes, shape, dtype), this.side);
  }

  evaluate(tensors: readonly Tensor[]): void {
    this.#backend.eval(this.handles(tensors));
  }

  /**
   * Lends tracers what they stand for, once nothing is traced any more: handles of their own would keep that memory until
   * they are collected. The function may have written to a tracer, or to what it stands for, since both were noted.
   */
  endTracers(tracers: readonly MadeTracer[]): void {
    if (this.side !== 'native' || this.#tracing.side !== undefined) return;
    for (const { tracer, handle, original } of tracers) {
      if (handle === null || original === null || tracer.native !== handle || !this.#backend.isAlive(original))
        continue;
      if (setField(tracer, 'native', new LentHandle(original))) this.#backend.free(handle);
    }
  }

  /** The function as MLX calls it. Everything inside runs on this side. */
  traced(run: (inputs: Tensor[]) => readonly Tensor[]): TracedFunction {
    this.#tracing.checkDepth(this.side);
    return (inputs) => this.inside(() => this.handles(run(this.wrap(inputs))));
  }

  /** Runs what belongs to the trace. */
  inside<T>(run: () => T): T {
    return this.#tracing.run(this.side, run);
  }
}
