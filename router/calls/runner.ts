import type { CallContext } from '../../backend/backend.ts';
import { afterwards } from '../../foundation/afterwards.ts';
import { type Implementation, TensorLostError } from '../../foundation/errors/errors.ts';
import { type Argument, Handle, type Result } from '../../foundation/values/values.ts';
import type { Backends } from '../selection/backends.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Residency } from '../tensors/residency.ts';
import type { Sessions } from '../tensors/sessions.ts';
import { Tensor, tensorAt } from '../tensors/tensor.ts';
import { mapTensors, wrapHandles } from '../tensors/tree.ts';
import { Arrivals } from './arrivals.ts';
import type { CallPlan, Route, Side } from './plan.ts';

interface Surroundings {
  readonly backends: Backends;
  readonly residency: Residency;
  readonly telemetry: Telemetry;
  readonly sessions: Sessions;
}

/** Makes a call on the side that was chosen for it: brings its tensors there, runs it, and counts it. */
export class Runner {
  readonly #in: Surroundings;
  readonly #arrivals: Arrivals;

  constructor(surroundings: Surroundings) {
    this.#in = surroundings;
    this.#arrivals = new Arrivals(surroundings.residency, surroundings.backends.python);
  }

  /** Runs under a span where one is asked for, and counts the call once it has succeeded. */
  tracked<T>({ qualified }: CallPlan, { implementation, reason, tally }: Route, run: () => T): T {
    const { telemetry } = this.#in;
    const start = telemetry.watching ? performance.now() : 0;
    const count = () => {
      if (telemetry.watching) telemetry.called(tally, performance.now() - start);
      else tally.calls++;
    };
    const attributes = { operation: qualified, implementation, reason };
    return telemetry.span('mlx_router.call', attributes, implementation === 'python', () =>
      afterwards(run, { done: count }),
    );
  }

  /** As `tracked`, of a call that is waited for. */
  routed(plan: CallPlan, route: Route, values: readonly unknown[], context: CallContext): unknown {
    const { implementation, prepared, tally } = route;
    if (prepared === null || this.#in.telemetry.observes(implementation)) {
      return this.tracked(plan, route, () => this.run(plan, route, values, context));
    }
    const result = this.run(plan, route, values, context);
    tally.calls++;
    return result;
  }

  /** The result of the call on that side. */
  run(plan: CallPlan, side: Side, values: readonly unknown[], context: CallContext): unknown {
    const { implementation, prepared } = side;
    if (prepared === null) return plan.port?.(...portArguments(values));
    const handles: unknown[] = [...values];
    localize(handles, implementation, this.#in.residency);
    try {
      return wrapResult(prepared.run(handles as Argument[], context), implementation);
    } catch (error) {
      if (!this.#canBringAgain(error, plan, values)) throw error;
      return this.run(plan, side, values, context);
    }
  }

  /** The same without blocking this thread while a worker starts or computes. */
  async runAsync(plan: CallPlan, side: Side, values: readonly unknown[], context: CallContext): Promise<unknown> {
    const { implementation, prepared } = side;
    if (prepared === null) return plan.port?.(...portArguments(values));
    const call = (args: Argument[]) => prepared.runAsync(args, context);
    const queue = this.#in.sessions.current ?? this;
    const arrived = this.#arrivals.concern(implementation) ? this.#arrivals.begin(values, plan.name, queue) : undefined;
    try {
      if (arrived !== undefined) return wrapResult(await arrived(call), implementation);
      const handles: unknown[] = [...values];
      localize(handles, implementation, this.#in.residency);
      return wrapResult(await call(handles), implementation);
    } catch (error) {
      if (!this.#canBringAgain(error, plan, values)) throw error;
      return this.runAsync(plan, side, values, context);
    }
  }

  #canBringAgain(error: unknown, { name }: CallPlan, values: readonly unknown[]): boolean {
    return error instanceof TensorLostError && this.#in.residency.canBringAgain(values, name);
  }
}

/** Puts handles of that side in the tensors' places; the list is the caller's own. */
export function localize(values: unknown[], side: Implementation, residency: Residency): asserts values is Argument[] {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value instanceof Tensor) {
      // Of several handles a worker's may be lost.
      const known = side === 'python' && value.native === null ? value.python : null;
      values[i] = known ?? (side === 'native' ? value.native : null) ?? residency.at(value, side);
    } else if (typeof value === 'object' && value !== null) values[i] = localizeTree(value, side, residency);
  }
}

function localizeTree(tree: object, side: Implementation, residency: Residency): unknown {
  if (Array.isArray(tree) && tree.every((item) => typeof item === 'number')) return tree;
  return mapTensors(tree, (tensor) => residency.at(tensor, side));
}

/** A port takes what the caller passed: its arguments, and the keywords behind them if there are any. */
export function portArguments(values: readonly unknown[]): unknown[] {
  const [positional, keywords] = values as [unknown[], Record<string, unknown>];
  return Object.keys(keywords).length === 0 ? positional : [...positional, keywords];
}

/** What a backend gave, with tensors for its handles. */
export function wrapResult(result: Result, side: Implementation): unknown {
  if (result instanceof Handle) return tensorAt(result, side);
  return wrapHandles(result, (handle) => tensorAt(handle, side));
}
