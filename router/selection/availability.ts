import type { Implementation } from '../../foundation/errors/errors.ts';
import type { Operation } from '../../registry/operation.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Backends } from './backends.ts';

/** Which backends can be used, as far as it was asked for. */
export class Availability {
  readonly #backends: Backends;
  readonly #telemetry: Telemetry;
  readonly #usable = new Set<Implementation>();

  constructor(backends: Backends, telemetry: Telemetry) {
    this.#backends = backends;
    this.#telemetry = telemetry;
  }

  /** Whether it has been asked, and can be used. */
  isUsable(side: Implementation): boolean {
    return this.#usable.has(side);
  }

  /**
   * Why a side cannot be used; undefined when it can. Python is only started where the call may need it. `soon`: not even
   * then; what only a start could show is left to the call.
   */
  problem(side: Implementation, operation?: Operation, soon = false): string | undefined {
    if ((side === 'python' && operation?.python === null) || this.#usable.has(side)) return undefined;
    const backend = this.#backends.get(side);
    if (soon && backend.workers?.isCold === true && backend.status(false).available) return undefined;
    const status = backend.status(true);
    if (!status.available) return status.problem ?? 'unknown reason';
    if (this.#usable.size === 0) {
      this.#telemetry.announce({ backend: side, device: status.device ?? '', mlx: status.mlxVersion ?? '' });
    }
    this.#usable.add(side);
    return undefined;
  }
}
