import type { StreamRef } from '../../foundation/values/values.ts';
import { tensorCallOf } from '../../registry/arguments/tensor-call.ts';
import type { Availability } from '../selection/availability.ts';
import type { Backends } from '../selection/backends.ts';
import type { DeferredPlan, Deferring } from '../selection/deferring.ts';
import type { Scopes } from '../selection/scopes.ts';
import type { Reason } from '../selection/select.ts';
import type { Configuration } from '../settings/settings.ts';
import type { Tally, Telemetry } from '../telemetry/telemetry.ts';
import type { Tracing } from '../transforms/tracing.ts';
import type { CallPlan } from './plan.ts';

interface Parts {
  readonly backends: Backends;
  readonly availability: Availability;
  readonly tracing: Tracing;
  readonly scopes: Scopes;
  readonly telemetry: Telemetry;
  readonly deferring: Deferring;
  readonly configuration: () => Configuration;
  readonly stream: () => StreamRef | undefined;
}

/** Which operations may go past the router's questions, for nothing that is set could change the answers. */
export class ShortCuts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Gives the plan those ways that the settings of the moment allow, and takes away the others. */
  shorten(plan: CallPlan): void {
    const { operation, parser } = plan;
    const native = this.#goesToNative(plan) ? this.#parts.backends.native.prepare(operation) : null;
    plan.usual = native;
    // MLX may not see every call: then the parser has to.
    plan.direct = parser.guards ? null : (native?.direct ?? null);
    plan.deferred = parser.guards ? null : this.#deferredPlan(plan);
  }

  /** Whether every call that chooses no backend itself goes to native, and no one observes it. */
  #goesToNative({ operation, qualified, port }: CallPlan): boolean {
    const { preferNative, shadow, implementationOverrides } = this.#parts.configuration();
    const { native, added } = this.#parts.backends;
    return (
      preferNative &&
      shadow === 0 &&
      port === undefined &&
      !this.#parts.scopes.choosing &&
      this.#parts.tracing.side !== 'python' &&
      !this.#parts.telemetry.watching &&
      !(qualified in implementationOverrides) &&
      !(operation.family in implementationOverrides) &&
      !added.some((backend) => backend.supports(operation)) &&
      native.supports(operation)
    );
  }

  /** A transform that traces and a shadow need each result at once. */
  get defers(): boolean {
    return this.#parts.tracing.side === undefined && this.#parts.configuration().shadow === 0;
  }

  #deferredPlan({ operation, qualified, name, port }: CallPlan): DeferredPlan | null {
    if (
      !this.#parts.deferring.possible ||
      !this.defers ||
      this.#parts.telemetry.watching ||
      this.#parts.stream() !== undefined
    )
      return null;
    const { python, native, added } = this.#parts.backends;
    const call = port === undefined && python.supports(operation) ? python.prepare(operation).deferred : undefined;
    const form = tensorCallOf(operation);
    if (call === undefined || form === undefined) return null;
    const { preferNative, allowFallback, implementationOverrides } = this.#parts.configuration();
    const override = implementationOverrides[qualified] ?? implementationOverrides[operation.family];
    const tally = (reason: Reason) => this.#parts.telemetry.tally(qualified, operation.family, 'python', reason);
    let unscoped: Tally | null = null;
    if (override !== undefined) unscoped = override === 'python' ? tally('override') : null;
    else if (added.some((backend) => backend.supports(operation))) unscoped = null;
    else if (!preferNative) unscoped = tally('preferred');
    else if (allowFallback && !native.supports(operation)) {
      unscoped = tally(this.#parts.availability.problem('native') === undefined ? 'unported' : 'native-unavailable');
    }
    return { ...form, name, call, scoped: tally('scoped'), unscoped };
  }
}
