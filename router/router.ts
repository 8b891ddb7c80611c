import type { Backend, CallContext, TensorInfo } from '../backend/backend.ts';
import { ArgumentError, type Implementation } from '../foundation/errors/errors.ts';
import { type Dtype, int32 } from '../foundation/values/dtypes.ts';
import { decode, encode } from '../foundation/values/elements.ts';
import type { Argument, Element, Handle, StreamRef } from '../foundation/values/values.ts';
import type { TensorHost } from '../registry/arguments/host.ts';
import { ArgumentParser } from '../registry/arguments/parse.ts';
import { disregard } from '../registry/arguments/promises.ts';
import { qualifiedName } from '../registry/operation.ts';
import { publicName, type Registry } from '../registry/registry.ts';
import type { CallPlan, Route } from './calls/plan.ts';
import { localize, portArguments, Runner, wrapResult } from './calls/runner.ts';
import { ShortCuts } from './calls/short-cuts.ts';
import { Availability } from './selection/availability.ts';
import { Backends, type BuiltIn } from './selection/backends.ts';
import { cannotCross, cross } from './selection/crossing.ts';
import { Deadlines } from './selection/deadlines.ts';
import { Decisions } from './selection/decisions.ts';
import { Deferring } from './selection/deferring.ts';
import { Scopes } from './selection/scopes.ts';
import type { Decision } from './selection/select.ts';
import { changed, DEFAULTS, pendingOverrides } from './settings/configuration.ts';
import type { Configuration } from './settings/settings.ts';
import { Shadow, type ShadowReport } from './telemetry/shadow.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { Evaluator } from './tensors/evaluator.ts';
import { named } from './tensors/residency.ts';
import { Sessions } from './tensors/sessions.ts';
import { isTensor, type Tensor, tensorAt } from './tensors/tensor.ts';
import { tensorsOf } from './tensors/tree.ts';
import { Tracing } from './transforms/tracing.ts';
import { Transforming } from './transforms/transforming.ts';

export interface RouterOptions {
  readonly registry: Registry;
  readonly backends: BuiltIn;
  /** More backends. One with the operation is asked before native and Python; calls and scopes choose it by its name. */
  readonly added?: readonly Backend[];
  readonly environment?: Partial<Configuration>;
  /** Absent: one of its own. */
  readonly telemetry?: Telemetry;
  /** What the parser needs beside the tensors' own facts. */
  readonly nextKey: () => Tensor;
  /** Where a boolean tensor is true, by dimension. */
  readonly placesOf: (mask: Tensor) => Tensor[];
  readonly isStream: (value: unknown) => value is StreamRef;
}

/** Sends every call to a backend, and knows which backends hold every tensor. */
export class Router extends Evaluator {
  readonly registry: Registry;
  /** The transform that is tracing, if one is. */
  readonly tracing = new Tracing(() => this.#refresh());
  readonly sessions: Sessions;
  readonly deadlines: Deadlines;
  readonly #backends: Backends;
  readonly #host: TensorHost<Tensor>;
  readonly #plans = new Map<string, CallPlan>();
  readonly #scopes: Scopes;
  readonly deferring: Deferring;
  readonly #availability: Availability;
  readonly #decisions: Decisions;
  readonly #shortCuts: ShortCuts;
  #configuration: Configuration;
  /** Overrides of the environment for operations that are not registered yet. */
  #pendingOverrides: ReadonlySet<string>;
  #stream: StreamRef | undefined;
  readonly #shadow: Shadow;
  readonly #runner: Runner;
  readonly transforming: Transforming;

  constructor(options: RouterOptions) {
    const backends = new Backends(options.backends, options.added);
    super(backends, options.telemetry);
    this.registry = options.registry;
    this.#backends = backends;
    this.#scopes = new Scopes(() => this.#refresh(), backends.addedNames);
    this.sessions = new Sessions(backends, this.residency);
    this.deferring = new Deferring(backends, this.#scopes);
    this.deadlines = new Deadlines(backends);
    this.#availability = new Availability(backends, this.telemetry);
    const parts = {
      backends,
      residency: this.residency,
      tracing: this.tracing,
      telemetry: this.telemetry,
      availability: this.#availability,
      scopes: this.#scopes,
      deferring: this.deferring,
      configuration: () => this.#configuration,
      stream: () => this.#stream,
    };
    this.#decisions = new Decisions(parts);
    this.#shortCuts = new ShortCuts(parts);
    this.#runner = new Runner({ ...parts, sessions: this.sessions });
    this.transforming = new Transforming({
      ...parts,
      side: () => this.#decisions.sideOfNew(),
      mayFallBack: () => this.#configuration.allowFallback && this.#scopes.current?.implementation === undefined,
      withImplementation: (side, use) => this.withImplementation(side, use),
    });
    const checksBounds = () => this.#configuration.checkBounds;
    const isTracing = () => this.tracing.side !== undefined;
    this.#host = {
      get isTracing() {
        return isTracing();
      },
      get checksBounds() {
        return checksBounds();
      },
      isTensor,
      dtype: (tensor) => this.residency.info(tensor).dtype,
      shape: (tensor) => this.residency.info(tensor).shape,
      create: (elements, shape, dtype) => this.create(encode([...elements], dtype), shape, dtype),
      elements: (tensor) => this.#elements(tensor),
      places: (mask) => options.placesOf(mask),
      fromIntegers: (values, shape) => this.create(encode([...values], int32), shape, int32),
      nextKey: options.nextKey,
      isStream: options.isStream,
      addedBackends: backends.addedNames,
    };
    this.#shadow = new Shadow({
      share: () => this.#configuration.shadow,
      contents: (tensor) => {
        const { backend, handle } = this.residency.holder(tensor);
        return { ...this.info(tensor), bytes: backend.read(handle) };
      },
      contentsAsync: async (tensor) => {
        const { backend, handle } = this.residency.holder(tensor);
        return { ...this.info(tensor), bytes: await backend.readAsync(handle) };
      },
    });
    const { environment = {} } = options;
    const pending = pendingOverrides(environment, (name) => this.#isOperation(name));
    this.#pendingOverrides = pending;
    this.#configuration = changed(
      DEFAULTS,
      environment,
      (name) => this.#isOperation(name) || pending.has(name),
      backends.addedNames,
    );
    this.#apply(this.#configuration);
    this.registry.onAdd((operation) => this.#plans.delete(qualifiedName(operation)));
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  set onShadow(listener: ((report: ShadowReport) => void) | undefined) {
    this.#shadow.onReport = listener;
  }

  configure(changes: Partial<Configuration>): void {
    this.#configuration = changed(
      this.#configuration,
      changes,
      (name) => this.#isOperation(name),
      this.#backends.addedNames,
    );
    this.#apply(this.#configuration);
    this.transforming.forget();
    for (const { forced, unforced } of this.#plans.values()) {
      forced.clear();
      unforced.clear();
    }
    this.#refresh();
  }

  /** Notifies those that keep a part of it by themselves. */
  #apply(configuration: Configuration): void {
    this.telemetry.level = configuration.telemetry;
    this.deferring.always = configuration.pythonErrors === 'deferred';
    for (const { pool } of this.#backends.all) pool?.limit(configuration);
  }

  /** Times every call from now on, for a routing table; costs each call about as much as an operation. */
  timeCalls(timed: boolean): void {
    this.telemetry.timed = timed;
    this.#refresh();
  }

  prepare(qualified: string): CallPlan {
    let plan = this.#plans.get(qualified);
    if (plan === undefined) {
      const operation = this.registry.get(qualified);
      plan = {
        operation,
        name: publicName(operation),
        qualified,
        parser: new ArgumentParser(operation, this.#host),
        port: this.registry.portOf(operation),
        direct: null,
        deferred: null,
        usual: null,
        forced: new Map(),
        unforced: new Map(),
        usualTally: this.telemetry.tally(qualified, operation.family, 'native', 'ported'),
      };
      this.#plans.set(qualified, plan);
      this.#shortCuts.shorten(plan);
    }
    return plan;
  }

  /** Parses the arguments and sends them the way that policy, scope or the call itself says. */
  call(plan: CallPlan, args: readonly unknown[]): unknown {
    try {
      const { values, stream, implementation } = plan.parser.parse(args);
      const { usual } = plan;
      if (usual === null || implementation !== undefined) return this.#routed(plan, values, stream, implementation);
      localize(values, 'native', this.residency);
      const result = usual.run(values as Argument[], stream === undefined ? undefined : { stream });
      plan.usualTally.calls++;
      return wrapResult(result, 'native');
    } catch (error) {
      throw named(error, plan.name);
    }
  }

  /** A call of the library's own: routed as a caller's are, but in no count, no span and no shadow. */
  callUncounted(qualified: string, args: readonly unknown[]): unknown {
    const plan = this.prepare(qualified);
    const { values, stream, implementation } = plan.parser.parse(args);
    return this.#runner.run(plan, this.#decisions.route(plan, implementation), values, this.#context(stream));
  }

  /** As `call`, without blocking this thread while a worker computes. */
  async callAsync(plan: CallPlan, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    try {
      const { values, stream, implementation: forced } = this.#parseSoon(plan, args);
      const route = this.#decisions.route(plan, forced, true);
      const context = { stream: stream ?? this.#stream, signal };
      const result = await this.#runner.tracked(plan, route, () => this.#runner.runAsync(plan, route, values, context));
      if (route.implementation === 'python') this.#availability.problem('python', plan.operation, true);
      if (this.#configuration.shadow === 0) return result;
      return await this.#shadow.checkAsync(this.#decisions.shadowable(plan, route), result, (other) =>
        this.#runner.runAsync(plan, this.#decisions.side(plan, other), values, context),
      );
    } catch (error) {
      throw named(error, plan.name);
    }
  }

  /** What the parser makes of plain values would block in Python until a worker is ready; native brings it over later. */
  #parseSoon({ parser }: CallPlan, args: readonly unknown[]): ReturnType<ArgumentParser<Tensor>['parse']> {
    const { native, python } = this.#backends;
    const sleeps =
      python.workers?.isCold === true && this.tracing.side === undefined && this.#decisions.sideOfNew() === 'python';
    if (!sleeps || this.#availability.problem('native') !== undefined) return parser.parse(args);
    return this.#scopes.choose(native.name, () => parser.parse(args));
  }

  /** Where what the row stands for is to run, and why: for what is run elsewhere. It is counted as a call. */
  decide(qualified: string, forced: Implementation | undefined): Decision {
    const operation = this.registry.get(qualified);
    const port = this.registry.portOf(operation);
    const { implementation, reason, tally } = this.#decisions.decide(
      { operation, port, name: publicName(operation), qualified },
      forced,
    );
    this.telemetry.called(tally, 0);
    return { implementation, reason };
  }

  create(bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Tensor {
    const side = this.#decisions.sideOfNew();
    return tensorAt(this.#backends.get(side).create(bytes, shape, dtype), side);
  }

  /** A tensor around a handle that a backend's own function gave. */
  adopt(handle: Handle, side: Implementation): Tensor {
    return tensorAt(handle, side);
  }

  info(tensor: Tensor): TensorInfo {
    return this.residency.info(tensor);
  }

  /** undefined where a transform is tracing and the tensor stands for values that are yet to come. */
  #elements(tensor: Tensor): readonly Element[] | undefined {
    try {
      return decode(this.read(tensor), this.info(tensor).dtype);
    } catch (error) {
      if (this.tracing.side !== undefined) return undefined;
      throw error;
    }
  }

  withImplementation<T>(implementation: Implementation, use: () => T): T {
    return this.#scopes.choose(implementation, use);
  }

  /** Runs the function and frees at once every tensor that it made, but those in what it returns. */
  tidy<T>(use: () => T): T {
    if (typeof use !== 'function') throw new ArgumentError('mx.tidy: expected a function to run');
    this.residency.beginScope();
    let kept: Tensor[] = [];
    try {
      const result = use();
      if (result instanceof Promise) {
        disregard(result);
        throw new ArgumentError(
          'expected a function that is declared async, or one that returns no promise; write mx.tidy(async () => …)',
          { operation: 'mx.tidy' },
        );
      }
      kept = tensorsOf(result, 'mx.tidy');
      return result;
    } finally {
      this.residency.endScope(kept);
    }
  }

  /** Where calls run that name no stream; undefined: where MLX would run them. */
  setDefaultStream(stream: StreamRef | undefined): void {
    if (this.#availability.problem('native') === undefined) this.#backends.native.streams?.set(stream);
    this.#stream = stream;
    this.#refresh();
  }

  async shutdown(grace?: number): Promise<void> {
    await Promise.all(this.#backends.all.map((backend) => backend.shutdown(grace)));
  }

  #routed(
    plan: CallPlan,
    values: unknown[],
    stream: StreamRef | undefined,
    forced: Implementation | undefined,
  ): unknown {
    if (this.tracing.side === 'native' && forced === undefined && !this.#decisions.hasNative(plan)) {
      return this.#crossed(plan, values, stream);
    }
    const routes = forced === undefined ? plan.unforced : plan.forced;
    // A transform that traces has a say in it.
    const isFree = this.tracing.side === undefined;
    const known = isFree ? routes.get(forced ?? this.#scopes.current?.implementation) : undefined;
    const route = known ?? this.#decisions.route(plan, forced);
    const context = this.#context(stream);
    const result = this.#runner.routed(plan, route, values, context);
    if (this.#configuration.shadow === 0) return result;
    return this.#shadow.check(this.#decisions.shadowable(plan, route), result, (other) =>
      this.#runner.run(plan, this.#decisions.side(plan, other), values, context),
    );
  }

  /** A call that a native transform cannot see into: it runs in Python, and its rules stand for it in the trace. */
  #crossed(plan: CallPlan, values: unknown[], stream: StreamRef | undefined): unknown {
    const { name, operation } = plan;
    const rules = this.registry.rulesFor(operation);
    if (rules === undefined) throw cannotCross(operation.python !== null, name);
    const tally = this.telemetry.tally(plan.qualified, operation.family, 'python', 'unported');
    const route: Route = { ...this.#decisions.side(plan, 'python'), reason: 'unported', tally };
    const run = () => this.#runner.routed(plan, route, values, this.#context(stream));
    return cross(this.transforming.transformer(), { name, rules, args: portArguments(values), run });
  }

  /** A transform that traces and a shadow need each result at once. */
  #context(stream: StreamRef | undefined): CallContext {
    const defers = this.tracing.side === undefined && this.#configuration.shadow === 0;
    const deferral = defers ? (this.#scopes.current?.deferral ?? this.deferring.standing) : undefined;
    return { stream: stream ?? this.#stream, deferral };
  }

  #isOperation(name: string): boolean {
    return this.registry.find(name) !== undefined;
  }

  protected override beforeEvaluation(): void {
    if (this.telemetry.poll()) this.#refresh();
    if (this.#pendingOverrides.size > 0) this.#warnOfPending();
  }

  /** Says once which overrides of the environment still are of no operation; a slip of the pen would do nothing else. */
  #warnOfPending(): void {
    for (const name of this.#pendingOverrides) {
      if (this.#isOperation(name)) continue;
      process.emitWarning(`MLX_ROUTER_OVERRIDES: no operation is named "${name}" so far`, 'MlxRouterWarning');
    }
    this.#pendingOverrides = new Set();
  }

  /** Works out anew which operations may take the short cuts. */
  #refresh(): void {
    for (const plan of this.#plans.values()) this.#shortCuts.shorten(plan);
  }
}
