import type { StreamRef, TensorInfo } from '../registry/backend.ts';
import type { Implementation } from '../registry/errors.ts';
import type { Availability } from './availability.ts';
import type { Prepared } from './prepared.ts';
import type { Backends } from './residency.ts';
import type { Scopes } from './scopes.ts';
import { type Decision, select } from './select.ts';
import type { Configuration } from './settings.ts';
import type { Shadowed } from './shadow.ts';
import type { Tensor } from './tensor.ts';
import type { Tracing } from './tracing.ts';
import { tensorsOf } from './tree.ts';

interface Parts {
  readonly backends: Backends;
  readonly availability: Availability;
  readonly tracing: Tracing;
  readonly scopes: Scopes;
  readonly configuration: () => Configuration;
  readonly info: (tensor: Tensor) => TensorInfo;
}

/** Which side a call goes to, from what the operation has, what is there, and what was asked for. */
export class Decisions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  hasNative({ operation, port }: Prepared): boolean {
    if (operation.family === 'user') return port !== undefined;
    return this.#parts.backends.native.supports(operation);
  }

  /** `soon`: without sleeping until a worker is up. */
  decide(
    prepared: Prepared,
    forced: Implementation | undefined,
    values: readonly unknown[],
    stream: StreamRef | undefined,
    soon = false,
  ): Decision {
    const { operation } = prepared;
    const { native } = this.#parts.backends;
    this.#parts.tracing.check(forced, prepared.name);
    // A user's operation without a port lacks the port, whatever became of the addon.
    const own = operation.family === 'user';
    const nativeProblem = own ? undefined : this.#parts.availability.problem('native');
    const ported = nativeProblem === undefined && this.hasNative(prepared);
    return select(
      {
        name: prepared.name,
        qualified: prepared.qualified,
        family: operation.family,
        ported,
        hasPython: operation.python !== null,
        nativeProblem,
        pythonProblem:
          ported && forced !== 'python' ? undefined : this.#parts.availability.problem('python', operation, soon),
        nativeReason: operation.nativeReason,
        pythonReason: operation.pythonReason,
        refusal:
          native.refuses === undefined || !ported
            ? undefined
            : native.refuses(
                operation,
                tensorsOf(values).map((tensor) => this.#parts.info(tensor).dtype),
                stream,
              ),
      },
      this.#parts.configuration(),
      forced,
      this.#parts.tracing.side ?? this.#parts.scopes.current?.implementation,
    );
  }

  sideOfNew(): Implementation {
    const scoped = this.#parts.tracing.side ?? this.#parts.scopes.current?.implementation;
    if (scoped !== undefined) return scoped;
    const { preferNative } = this.#parts.configuration();
    const first = preferNative ? 'native' : 'python';
    const second = preferNative ? 'python' : 'native';
    return this.#parts.availability.problem(first) === undefined ||
      this.#parts.availability.problem(second) !== undefined
      ? first
      : second;
  }

  /** The call as shadow mode sees it; nothing to run again while a transform traces, where there are no values yet. */
  shadowable(prepared: Prepared, decision: Decision): Shadowed {
    return {
      operation: prepared.qualified,
      decision,
      possible: (other) => {
        if (this.#parts.tracing.side !== undefined) return false;
        if (other === 'native') return this.hasNative(prepared);
        return prepared.operation.python !== null && this.#parts.availability.problem('python') === undefined;
      },
    };
  }
}
