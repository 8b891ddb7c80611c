import type { StreamRef } from '../registry/backend.ts';
import type { Availability } from './availability.ts';
import type { Deferring, ShortDeferred } from './deferring.ts';
import type { Prepared } from './prepared.ts';
import type { Backends } from './residency.ts';
import type { Scopes } from './scopes.ts';
import type { Reason } from './select.ts';
import type { Configuration } from './settings.ts';
import type { Tally, Telemetry } from './telemetry.ts';
import type { Tracing } from './tracing.ts';

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

  shorten(prepared: Prepared): void {
    const { operation, qualified, port } = prepared;
    const { preferNative, shadow, implementationOverrides } = this.#parts.configuration();
    const { native } = this.#parts.backends;
    const usual =
      preferNative &&
      shadow === 0 &&
      port === undefined &&
      native.refuses === undefined &&
      !this.#parts.scopes.choosing &&
      this.#parts.tracing.side !== 'python' &&
      !this.#parts.telemetry.watching &&
      !(qualified in implementationOverrides) &&
      !(operation.family in implementationOverrides);
    prepared.deferred = prepared.parser.guards ? null : this.#shortDeferred(prepared);
    const unguarded = usual && !prepared.parser.guards;
    prepared.direct = (unguarded ? native.direct?.(operation) : undefined) ?? null;
    prepared.directNumber = (unguarded ? native.directNumber?.(operation) : undefined) ?? null;
    prepared.directShape = (unguarded ? native.directShape?.(operation) : undefined) ?? null;
    prepared.usual = (usual ? native.bind?.(operation) : undefined) ?? null;
  }

  /** A transform that traces and a shadow need each result at once. */
  get defers(): boolean {
    return this.#parts.tracing.side === undefined && this.#parts.configuration().shadow === 0;
  }

  #shortDeferred({ operation, qualified, name, port }: Prepared): ShortDeferred | null {
    if (
      !this.#parts.deferring.possible ||
      !this.defers ||
      this.#parts.telemetry.watching ||
      this.#parts.stream() !== undefined
    )
      return null;
    const { python, native } = this.#parts.backends;
    const call = port === undefined && python.supports(operation) ? python.deferred?.(operation) : undefined;
    if (call === undefined) return null;
    const { preferNative, allowFallback, implementationOverrides } = this.#parts.configuration();
    const override = implementationOverrides[qualified] ?? implementationOverrides[operation.family];
    const tally = (reason: Reason) => this.#parts.telemetry.tally(qualified, operation.family, 'python', reason);
    let unscoped: Tally | null = null;
    if (override !== undefined) unscoped = override === 'python' ? tally('override') : null;
    else if (!preferNative) unscoped = tally('preferred');
    else if (allowFallback && !native.supports(operation)) {
      unscoped = tally(this.#parts.availability.problem('native') === undefined ? 'unported' : 'native-unavailable');
    }
    const weak =
      operation.parameters.length === 2 &&
      operation.parameters.every(({ kind, apart }) => kind === 'operand' && !apart);
    return { name, call, weak, scoped: tally('scoped'), unscoped };
  }
}
