import type { AddedBackend, Implementation } from '../../foundation/errors/errors.ts';
import type { CallPlan, Route, Routes, Side } from '../calls/plan.ts';
import type { Configuration } from '../settings/settings.ts';
import type { Shadowed } from '../telemetry/shadow.ts';
import type { Tally, Telemetry } from '../telemetry/telemetry.ts';
import type { Tracing } from '../transforms/tracing.ts';
import type { Availability } from './availability.ts';
import type { Backends } from './backends.ts';
import type { Scopes } from './scopes.ts';
import { type Candidate, type Decision, select } from './select.ts';

interface Parts {
  readonly backends: Backends;
  readonly availability: Availability;
  readonly tracing: Tracing;
  readonly scopes: Scopes;
  readonly telemetry: Telemetry;
  readonly configuration: () => Configuration;
}

/** What a decision is about. */
type Subject = Pick<CallPlan, 'operation' | 'port' | 'name' | 'qualified'>;

/** Which side a call goes to, from what the operation has, what is there, and what was asked for. */
export class Decisions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  hasNative({ operation, port }: Pick<Subject, 'operation' | 'port'>): boolean {
    if (operation.family === 'user' || operation.family === 'model') return port !== undefined;
    return this.#parts.backends.native.supports(operation);
  }

  /** `soon`: without blocking until a worker is ready. */
  route(plan: CallPlan, forced: Implementation | undefined, soon = false): Route {
    const { tracing, scopes } = this.#parts;
    if (tracing.side !== undefined) tracing.check(forced, plan.name);
    const chosen = forced ?? tracing.side ?? scopes.current?.implementation;
    const routes = forced === undefined ? plan.unforced : plan.forced;
    return routes.get(chosen) ?? this.#decide(plan, forced, soon, routes);
  }

  /** How that backend runs the operation, whatever it was decided. */
  side({ operation, port }: CallPlan, implementation: Implementation): Side {
    const isPorted = implementation === 'native' && port !== undefined;
    return {
      implementation,
      prepared: isPorted ? null : this.#parts.backends.get(implementation).prepare(operation),
    };
  }

  /** Of what is run elsewhere: where, and why, as for a call; and what counts it. Python is not started for it. */
  decide(subject: Subject, forced: Implementation | undefined): Decision & { readonly tally: Tally } {
    return this.#choose(subject, this.#candidate(subject, forced, true), forced);
  }

  #choose(subject: Subject, candidate: Candidate, forced: Implementation | undefined) {
    const { tracing, scopes, configuration, telemetry } = this.#parts;
    const decision = select(candidate, configuration(), forced, tracing.side ?? scopes.current?.implementation);
    const { implementation, reason } = decision;
    const tally = telemetry.tally(subject.qualified, subject.operation.family, implementation, reason);
    return { ...decision, tally };
  }

  #decide(plan: CallPlan, forced: Implementation | undefined, soon: boolean, routes: Routes): Route {
    const { availability, tracing, scopes } = this.#parts;
    const candidate = this.#candidate(plan, forced, soon);
    const scoped = tracing.side ?? scopes.current?.implementation;
    const chosen = this.#choose(plan, candidate, forced);
    const { implementation } = chosen;
    const route = { ...chosen, ...this.side(plan, implementation) };
    // What a backend lacked may be there at the next call, and what was not started may turn out to lack something.
    if (lacksNothing(candidate) && (!soon || availability.isUsable(implementation))) {
      routes.set(forced ?? scoped, route);
    }
    return route;
  }

  #candidate(plan: Subject, forced: Implementation | undefined, soon: boolean): Candidate {
    const { operation } = plan;
    // A user's operation without a port lacks the port, whatever became of the addon.
    const own = operation.family === 'user';
    const nativeProblem = own ? undefined : this.#parts.availability.problem('native');
    const ported = nativeProblem === undefined && this.hasNative(plan);
    return {
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
    };
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

function lacksNothing({ nativeProblem, pythonProblem, added = [] }: Candidate): boolean {
  return nativeProblem === undefined && pythonProblem === undefined && added.every((one) => one.problem === undefined);
}
