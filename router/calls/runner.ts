import type { CallContext, PreparedCall } from '../../backend/backend.ts';
import { afterwards } from '../../foundation/afterwards.ts';
import { type Implementation, TensorLostError } from '../../foundation/errors/errors.ts';
import type { Argument, StreamRef } from '../../foundation/values/values.ts';
import type { Backends } from '../selection/backends.ts';
import type { Decision } from '../selection/select.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Residency } from '../tensors/residency.ts';
import type { Sessions } from '../tensors/sessions.ts';
import { localize, portArguments, wrapResult } from '../tensors/values.ts';
import { Arrivals } from './arrivals.ts';
import type { CallPlan } from './plan.ts';

interface Surroundings {
  readonly backends: Backends;
  readonly residency: Residency;
  readonly telemetry: Telemetry;
  readonly sessions: Sessions;
  /** Where calls run that name no stream. */
  stream(): StreamRef | undefined;
  deferral(): CallContext['deferral'];
}

/** Makes a call on the side that was chosen for it: brings its tensors there, runs it, and counts it. */
export class Runner {
  readonly #in: Surroundings;
  readonly #arrivals: Arrivals;

  constructor(surroundings: Surroundings) {
    this.#in = surroundings;
    this.#arrivals = new Arrivals(surroundings.residency, () => surroundings.backends.python.workers?.isCold === true);
  }

  /** Runs under a span where one is asked for, and counts the call once it has succeeded. */
  tracked<T>(plan: CallPlan, { implementation, reason }: Decision, run: () => T): T {
    const { qualified, operation } = plan;
    const tally = this.#in.telemetry.tally(qualified, operation.family, implementation, reason);
    const start = this.#in.telemetry.watching ? performance.now() : 0;
    const count = () => {
      if (this.#in.telemetry.watching) this.#in.telemetry.called(tally, performance.now() - start);
      else tally.calls++;
    };
    const attributes = { operation: qualified, implementation, reason };
    return this.#in.telemetry.span('mlx_router.call', attributes, implementation === 'python', () =>
      afterwards(run, { done: count }),
    );
  }

  /** The result of the call on that side. */
  run(plan: CallPlan, side: Implementation, values: readonly unknown[], stream: StreamRef | undefined): unknown {
    if (side === 'native' && plan.port !== undefined) return plan.port(...portArguments(values));
    const handles: unknown[] = [...values];
    localize(handles, side, this.#in.residency);
    const context = {
      stream: stream ?? this.#in.stream(),
      deferral: this.#in.deferral(),
    };
    try {
      return wrapResult(this.#call(plan, side).run(handles as Argument[], context), side);
    } catch (error) {
      if (!this.#canBringAgain(error, plan, values)) throw error;
      return this.run(plan, side, values, stream);
    }
  }

  /** The same without blocking this thread while a worker starts or computes. */
  async runAsync(
    plan: CallPlan,
    side: Implementation,
    values: readonly unknown[],
    context: CallContext,
  ): Promise<unknown> {
    if (side === 'native' && plan.port !== undefined) return plan.port(...portArguments(values));
    const call = (args: Argument[]) => this.#call(plan, side).runAsync(args, context);
    const lane = this.#in.sessions.current ?? this;
    const arrived = side === 'python' ? this.#arrivals.begin(values, plan.name, lane) : undefined;
    try {
      if (arrived !== undefined) return wrapResult(await arrived(call), side);
      const handles: unknown[] = [...values];
      localize(handles, side, this.#in.residency);
      return wrapResult(await call(handles), side);
    } catch (error) {
      if (!this.#canBringAgain(error, plan, values)) throw error;
      return this.runAsync(plan, side, values, context);
    }
  }

  #call({ operation }: CallPlan, side: Implementation): PreparedCall {
    return this.#in.backends.get(side).prepare(operation);
  }

  #canBringAgain(error: unknown, { name }: CallPlan, values: readonly unknown[]): boolean {
    return error instanceof TensorLostError && this.#in.residency.canBringAgain(values, name);
  }
}
