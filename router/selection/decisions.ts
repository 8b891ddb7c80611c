import type { AddedBackend, Implementation } from '../../foundation/errors/errors.ts';
import type { CallPlan } from '../calls/plan.ts';
import type { Configuration } from '../settings/settings.ts';
import type { Shadowed } from '../telemetry/shadow.ts';
import type { Tracing } from '../transforms/tracing.ts';
import type { Availability } from './availability.ts';
import type { Backends } from './backends.ts';
import type { Scopes } from './scopes.ts';
import { type Decision, select } from './select.ts';

interface Parts {
  readonly backends: Backends;
  readonly availability: Availability;
  readonly tracing: Tracing;
  readonly scopes: Scopes;
  readonly configuration: () => Configuration;
}

/** Which side a call goes to, from what the operation has, what is there, and what was asked for. */
export class Decisions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  hasNative({ operation, port }: CallPlan): boolean {
    if (operation.family === 'user') return port !== undefined;
    return this.#parts.backends.native.supports(operation);
  }

  /** `soon`: without sleeping until a worker is up. */
  decide(plan: CallPlan, forced: Implementation | undefined, soon = false): Decision {
    const { operation } = plan;
    this.#parts.tracing.check(forced, plan.name);
    // A user's operation without a port lacks the port, whatever became of the addon.
    const own = operation.family === 'user';
    const nativeProblem = own ? undefined : this.#parts.availability.problem('native');
    const ported = nativeProblem === undefined && this.hasNative(plan);
    return select(
      {
        name: plan.name,
        qualified: plan.qualified,
        family: operation.family,
        ported,
        hasPython: operation.python !== null,
        nativeProblem,
        pythonProblem:
          ported && forced !== 'python' ? undefined : this.#parts.availability.problem('python', operation, soon),
        nativeReason: operation.nativeReason,
        pythonReason: operation.pythonReason,
        added: this.#parts.backends.added.map((backend) => ({
          implementation: backend.name as AddedBackend,
          hasOperation: backend.supports(operation),
          problem: this.#parts.availability.problem(backend.name),
        })),
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
  shadowable(plan: CallPlan, decision: Decision): Shadowed {
    return {
      operation: plan.qualified,
      decision,
      possible: (other) => {
        if (this.#parts.tracing.side !== undefined) return false;
        if (other === 'native') return this.hasNative(plan);
        return plan.operation.python !== null && this.#parts.availability.problem('python') === undefined;
      },
    };
  }
}
