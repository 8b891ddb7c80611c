import type { Deferral, DeferredCall } from '../../backend/backend.ts';
import { afterwards } from '../../foundation/afterwards.ts';
import { TensorLostError } from '../../foundation/errors/errors.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { weakScalar } from '../../foundation/values/weak.ts';
import type { TensorCall } from '../../registry/arguments/tensor-call.ts';
import type { Tally } from '../telemetry/telemetry.ts';
import { named } from '../tensors/residency.ts';
import { isTensor, Tensor } from '../tensors/tensor.ts';
import type { Backends } from './backends.ts';
import type { Scopes } from './scopes.ts';

/** The call of an operation whose calls to Python need not wait. */
export interface DeferredPlan extends TensorCall {
  /** The operation's public name, for errors. */
  readonly name: string;
  readonly call: DeferredCall;
  /** Calls under a `withImplementation('python')`. */
  readonly scoped: Tally;
  /** Calls under none, where these go to Python as well; else null. */
  readonly unscoped: Tally | null;
}

/** Call sites of failures: of some calls, which costs next to nothing, or of each. */
export type CallSites = 'sampled' | 'all';

/** Calls to Python that are not waited for: whose they are, and the shortest way to them. */
export class Deferring {
  readonly #backends: Backends;
  readonly #scopes: Scopes;
  /** Where the errors of a call outside any pipeline go; undefined: it is to wait. */
  standing: Deferral | undefined;

  constructor(backends: Backends, scopes: Scopes) {
    this.#backends = backends;
    this.#scopes = scopes;
    backends.python.deferral?.watch(() => scopes.current?.deferral);
  }

  /** Whether any call may be deferred at all. */
  get possible(): boolean {
    return this.standing !== undefined || this.#scopes.deferring;
  }

  /** Whether calls outside any pipeline are deferred too. */
  set always(always: boolean) {
    if (always === (this.standing !== undefined)) return;
    this.standing?.abandon();
    this.standing = always ? this.#backends.python.deferral?.open({ standing: true, everySite: false }) : undefined;
  }

  run<T>(use: () => T, callSites: CallSites): T {
    const deferral = this.#backends.python.deferral?.open({ standing: false, everySite: callSites === 'all' });
    if (deferral === undefined) return use();
    return afterwards(() => this.#scopes.defer(deferral, use), {
      done: (_, isAwaited) => (isAwaited ? deferral.settleAsync() : deferral.settle()),
      failed: () => deferral.abandon(),
    });
  }

  /** The result of a call with as many arguments as the plan takes; null where it has to go the usual way. */
  call(plan: DeferredPlan, a: unknown, b: unknown, c: unknown): Tensor | null {
    const scope = this.#scopes.current;
    const implementation = scope?.implementation;
    const tally = implementation === undefined ? plan.unscoped : implementation === 'python' ? plan.scoped : null;
    if (tally === null) return null;
    const deferral = scope?.deferral ?? this.standing;
    if (deferral === undefined) return null;
    if (plan.weak && isTensor(a) !== isTensor(b)) return this.#callWeak(plan, tally, deferral, a, b);
    if (!isTensor(a) || a.python === null) return null;
    let second: Handle | null = null;
    if (plan.count > 1) {
      if (!isTensor(b) || b.python === null) return null;
      second = b.python;
    }
    let third: Handle | null = null;
    if (plan.count > 2) {
      if (!isTensor(c) || c.python === null) return null;
      third = c.python;
    }
    return this.#finish(plan, tally, deferral, a.python, second, third);
  }

  /** Of a tensor and a number. */
  #callWeak(plan: DeferredPlan, tally: Tally, deferral: Deferral, a: unknown, b: unknown): Tensor | null {
    const [tensor, value] = isTensor(a) ? [a, b] : [b as Tensor, a];
    if (tensor.python === null || (typeof value !== 'number' && typeof value !== 'boolean')) return null;
    let constant: Handle | null;
    try {
      const scalar = weakScalar(value, this.#backends.python.describe(tensor.python).dtype);
      constant = typeof scalar === 'string' ? null : deferral.constant(scalar, tensor.python);
    } catch {
      // The usual way says what is wrong.
      return null;
    }
    if (constant === null) return null;
    return isTensor(a)
      ? this.#finish(plan, tally, deferral, tensor.python, constant, null)
      : this.#finish(plan, tally, deferral, constant, tensor.python, null);
  }

  #finish(
    plan: DeferredPlan,
    tally: Tally,
    deferral: Deferral,
    first: Handle,
    second: Handle | null,
    third: Handle | null,
  ): Tensor | null {
    let handle: Handle | null;
    try {
      handle = plan.call(deferral, first, second, third);
    } catch (error) {
      // There may be native values to bring over again.
      if (error instanceof TensorLostError) return null;
      throw named(error, plan.name);
    }
    if (handle === null) return null;
    tally.calls++;
    return new Tensor(null, handle);
  }
}
