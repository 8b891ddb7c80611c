import { type Implementation, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import type { Availability } from '../selection/availability.ts';
import type { Backends } from '../selection/backends.ts';
import { mayWorkOnPython } from '../selection/crossing.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { named, type Residency } from '../tensors/residency.ts';
import { type Tracing, Transformer } from './tracing.ts';

interface Parts {
  readonly backends: Backends;
  readonly residency: Residency;
  readonly tracing: Tracing;
  readonly telemetry: Telemetry;
  readonly availability: Availability;
  /** The side that the running code is on. */
  readonly side: () => Implementation;
  /** Whether that side was not chosen, and Python may be used in place of native. */
  readonly mayFallBack: () => boolean;
  readonly withImplementation: <T>(side: Implementation, use: () => T) => T;
}

/** Which side runs a transform. One runs the function's whole body: a tracer cannot cross. */
export class Transforming {
  readonly #parts: Parts;
  /** The functions whose transforms go to Python, for natively they have met what is not ported. */
  #unported = new WeakSet<object>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  transformer(side = this.#parts.side()): Transformer {
    const { backends, residency, tracing } = this.#parts;
    const backend = backends.get(side);
    const { transforms } = backend;
    if (transforms !== undefined) return new Transformer(backend, transforms, residency, tracing);
    throw new UnsupportedOperationError(`function transforms are not offered on the ${side} backend`, {
      implementation: side,
    });
  }

  /**
   * Transforms a function on native, unless it calls what only Python has. That comes out when it is called, so the
   * first time it may be called on both sides; from then on it goes to Python at once.
   */
  run<T>(fun: object, operation: string, forced: Implementation | undefined, use: (transformer: Transformer) => T): T {
    try {
      return this.#run(fun, operation, forced, use);
    } catch (error) {
      throw named(error, operation);
    }
  }

  #run<T>(fun: object, operation: string, forced: Implementation | undefined, use: (transformer: Transformer) => T): T {
    const { tracing, telemetry, availability } = this.#parts;
    if (forced !== undefined) {
      tracing.check(forced, operation);
      return this.#parts.withImplementation(forced, () => use(this.transformer(forced)));
    }
    const side = this.#parts.side();
    if (side !== 'native' || tracing.side !== undefined || !this.#parts.mayFallBack()) {
      return use(this.transformer(side));
    }
    if (!this.#unported.has(fun)) {
      try {
        return use(this.transformer('native'));
      } catch (error) {
        if (!mayWorkOnPython(error) || availability.problem('python') !== undefined) throw error;
      }
      this.#unported.add(fun);
    }
    const result = use(this.transformer('python'));
    telemetry.tally(operation.replace(/^mx\./, ''), 'transform', 'python', 'transform-unported').calls++;
    return result;
  }

  /** The next transform of every function is tried on native again. */
  forget(): void {
    this.#unported = new WeakSet();
  }

  /** Whether `mx.compile` compiles, on each side that there is. */
  setCompiling(enabled: boolean): void {
    const { backends, availability } = this.#parts;
    if (availability.problem('native') === undefined) backends.native.transforms?.setCompiling(enabled);
    // It takes a note, and starts nothing.
    backends.python.transforms?.setCompiling(enabled);
  }
}
