import type { Implementation } from '../foundation/errors/errors.ts';
import type { PoolLimits } from '../foundation/system/limits.ts';
import type { Dtype } from '../foundation/values/dtypes.ts';
import type { Session, SessionLookup } from '../foundation/values/session.ts';
import type { Argument, DeviceType, Element, Handle, Result, Scalar, StreamRef } from '../foundation/values/values.ts';
import type { Operation } from '../registry/operation.ts';

/**
 * A backend is one way to run operations, and this file is all that the router knows of it.
 *
 * **Operations** are rows of the catalogue. `prepare` gives one call for a row, made once and kept: `run` takes the
 * arguments as the parser has normalised them, one for each parameter of the row (`parameters.ts` says what each kind
 * becomes), and gives new tensors, plain data, or a tree of both. Whether it computes at once or builds a graph is the
 * backend's own choice: `eval` and every way of reading values come back when the values are there.
 *
 * **Tensors** cross as `Handle`s. A handle belongs to the backend that made it; what `slot` and `owner` mean only that
 * backend knows. The router copies a tensor to another backend as row-major bytes, with `read` here and `create` there,
 * keeps the copy, and never uses a tensor again once it has freed it. A tensor's values never change.
 *
 * **Errors** are subclasses of `MlxRouterError`, of every method: `OperationError` for what an operation refuses, with its
 * public name; `DisposedError` for a freed handle, to which the router adds the name; `BackendUnavailableError` where
 * nothing can run at all.
 *
 * **Capabilities** are the objects at the end of `Backend`. One that a backend lacks is left out as a whole, and the
 * router does without: without `scopes` and `sessions` tensors live until they are collected, without `printing` a
 * copy is printed elsewhere, without `transforms` a transform is an `UnsupportedOperationError`.
 *
 * The library has two, `native` and `python`. A third takes a name with a dot, is handed to the router as `added`, and
 * is asked before them; `tests/support/example-backend.ts` is a whole one.
 */
export interface Backend {
  readonly name: Implementation;

  /** Starts what is lazy if `start` is true; otherwise answers from what is known. */
  status(start: boolean): BackendStatus;

  /** Whether it has the operation. Must be cheap and must not start what is lazy. */
  supports(operation: Operation): boolean;

  /** The call of an operation that it has, the same object each time. */
  prepare(operation: Operation): PreparedCall;

  /** A tensor from row-major bytes, which are copied before this returns. */
  create(bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle;
  describe(handle: Handle): TensorInfo;
  /** Evaluates and copies out the row-major bytes, in memory of their own. */
  read(handle: Handle): Uint8Array<ArrayBuffer>;
  readAsync(handle: Handle, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  eval(handles: readonly Handle[]): void;
  evalAsync(handles: readonly Handle[], signal?: AbortSignal): Promise<void>;

  /** Frees at once. Freeing twice is no error. */
  free(handle: Handle): void;
  isAlive(handle: Handle): boolean;
  /**
   * Ends processes and threads, once what is in flight has finished, or after the grace, in milliseconds. Afterwards
   * the backend may be started again by its next use.
   */
  shutdown(grace?: number): Promise<void>;

  readonly printing?: Printing;
  readonly scalars?: Scalars;
  readonly scopes?: ScopeStack;
  readonly sessions?: SessionTensors;
  readonly deadlines?: DeadlineWatch;
  readonly streams?: DefaultStream;
  readonly pool?: ProcessPool;
  readonly workers?: WorkerTensors;
  readonly statistics?: Statistics;
  readonly deferral?: Deferrals;
  readonly transforms?: Transforms;
}

/** One operation on one backend, with all worked out that does not depend on the arguments. */
export interface PreparedCall {
  /** No context: the default stream, and an error is thrown by the call itself. */
  run(args: readonly Argument[], context?: CallContext): Result;
  runAsync(args: readonly Argument[], context?: CallContext): Promise<Result>;
  /** The commonest forms of the call, straight from the caller's arguments; absent where there are none. */
  readonly direct?: DirectCall | undefined;
  /** The call of one to three tensors, sent without waiting for it; absent where it has to be waited for. */
  readonly deferred?: DeferredCall | undefined;
}

/**
 * Takes `count` arguments, at most three, as the caller passed them, but tensors as handles; one held elsewhere is
 * undefined. null: nothing was done, and the call has to be parsed. The stream is the default one.
 */
export type DirectCall = (count: number, a: unknown, b: unknown, c: unknown) => Handle | null;

/** null: nothing was done, and the call has to go the usual way. */
export type DeferredCall = (deferral: Deferral, a: Handle, b: Handle | null, c: Handle | null) => Handle | null;

export interface CallContext {
  /** undefined: the current default device and stream. */
  readonly stream?: StreamRef | undefined;
  /** Ends an asynchronous call when it aborts, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Where errors go of a call that need not wait; undefined: the call throws its own. */
  readonly deferral?: Deferral | undefined;
}

export interface TensorInfo {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
}

/** What `doctor` shows of a backend, and why it cannot be used if it cannot. */
export interface BackendStatus {
  readonly available: boolean;
  /** What is wrong and how to repair it; only when not available. */
  readonly problem?: string;
  readonly mlxVersion?: string;
  readonly device?: DeviceType;
  readonly blas?: string;
  /** More facts for `doctor`, printed as they are. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

/** Texts of tensors as MLX writes them. */
export interface Printing {
  /** The text that Python's `repr` gives, with so many decimals; -1: as MLX chooses. Evaluates. */
  text(handle: Handle, precision: number): string;
}

/** A short way to single elements. */
export interface Scalars {
  /** The one element of a tensor of size 1; undefined where `read` has to do. Evaluates. */
  item(handle: Handle): Element | undefined;
}

/** `mx.tidy`: everything made between the two is freed at `end`, but `keep`. Scopes nest. */
export interface ScopeStack {
  begin(): void;
  end(keep: readonly Handle[]): void;
}

/** Tensors that belong to sessions. */
export interface SessionTensors {
  /** While sessions are open: whose a new tensor is. null: no session is open. */
  watch(current: SessionLookup | null): void;
  /** The tensor belongs to that session from now on, or to none. */
  own(handle: Handle, session: Session | undefined): void;
  /** Frees everything that belongs to the session. */
  end(session: Session): void;
}

/** Deadlines of the running code, for backends whose calls can take long. */
export interface DeadlineWatch {
  /** While deadlines are set: when the one of the running code is over, as `performance.now()` counts. null: none is. */
  watch(current: (() => number | undefined) | null): void;
}

export interface DefaultStream {
  /** Where `direct` runs, and calls whose context names no stream; undefined: where they did at the start. */
  set(stream: StreamRef | undefined): void;
}

/** A pool of processes for the calls. */
export interface ProcessPool {
  /** What it may do from now on. */
  limit(limits: PoolLimits): void;
}

/** Numbers for gauges and reports: workers, live tensors, bytes. */
export interface Statistics {
  read(): Readonly<Record<string, number>>;
}

/** Tensors that live in other processes, which start late and may exit. */
export interface WorkerTensors {
  /** Whether a process has to start before it can make a tensor. */
  readonly isCold: boolean;
  /**
   * `create` without blocking: a promise where a process must start, or has too much to do. The bytes are given away.
   * `operation`: the public name of what needs it, for errors.
   */
  createSoon(
    bytes: Uint8Array<ArrayBuffer>,
    shape: readonly number[],
    dtype: Dtype,
    operation: string,
  ): Handle | Promise<Handle>;
  /** Whether the values went with a worker and cannot be made again. */
  isLost(handle: Handle): boolean;
  /** The worker that holds the tensor, and its number there. */
  locate(handle: Handle): { readonly worker: number; readonly id: number };
}

/** Calls that are sent and not waited for. */
export interface Deferrals {
  open(options: DeferralOptions): Deferral;
  /** Which span the running code's calls belong to; undefined: to none that ends. */
  watch(current: () => Deferral | undefined): void;
}

export interface DeferralOptions {
  /** It is never settled: failures that no read reports become warnings. */
  readonly standing: boolean;
  /** Keeps the place of each call for its error, not only of some. */
  readonly everySite: boolean;
}

/** A span of calls that are sent without waiting; their errors come when they are looked for. */
export interface Deferral {
  /** Waits for every call of the span, and throws the first failure that was not thrown yet. */
  settle(): void;
  settleAsync(): Promise<void>;
  /** A number that this span has met before as a tensor beside that one, until the span ends; null: it goes with its call. */
  constant(scalar: Scalar, beside: Handle): Handle | null;
  /** Sends what is left, and leaves the failures to those who read the results. */
  abandon(): void;
}

/** A function of tensors, as a transform sees it: flat lists in and out, handles of the backend that runs it. */
export type TracedFunction = (inputs: Handle[]) => readonly Handle[];

/** What a custom function may bring of its own; lists are flat, in the order of the function's inputs and outputs. */
export interface CustomRules {
  readonly vjp?: (primals: Handle[], cotangents: Handle[], outputs: Handle[]) => readonly Handle[];
  readonly jvp?: (primals: Handle[], tangents: Handle[], argnums: readonly number[]) => readonly Handle[];
  /** An axis of -1: not mapped. */
  readonly vmap?: (inputs: Handle[], axes: readonly number[]) => readonly [readonly Handle[], readonly number[]];
}

/** Transforms run the function while they are called. What it throws is thrown again, as it is. */
export interface Transforms {
  valueAndGrad(run: TracedFunction, inputs: readonly Handle[], argnums: readonly number[]): [Handle[], Handle[]];
  vjp(run: TracedFunction, primals: readonly Handle[], cotangents: readonly Handle[]): [Handle[], Handle[]];
  jvp(run: TracedFunction, primals: readonly Handle[], tangents: readonly Handle[]): [Handle[], Handle[]];
  /** An axis of -1 is not mapped; `outAxes` is asked once the outputs are known. */
  vmap(
    run: TracedFunction,
    inputs: readonly Handle[],
    inAxes: readonly number[],
    outAxes: (outputs: readonly Handle[]) => readonly number[],
  ): Handle[];
  checkpoint(run: TracedFunction, inputs: readonly Handle[]): Handle[];
  customFunction(run: TracedFunction, rules: CustomRules, inputs: readonly Handle[]): Handle[];
  /** Runs the trace that is kept under `id` for inputs like these; only without one it calls the function. */
  compiled(id: number, shapeless: boolean, run: TracedFunction, inputs: readonly Handle[]): Handle[];
  eraseCompiled(id: number): void;
  setCompiling(enabled: boolean): void;
  /** Functions as files; absent where the backend cannot. */
  readonly exporting?: Exporting;
}

/** A function of tensors, some of them by name. */
export type NamedFunction = (inputs: Handle[], named: ReadonlyMap<string, Handle>) => readonly Handle[];

/** Writes one trace of its function for each `add`; the file is whole once it is closed. */
export interface Exporter {
  add(inputs: readonly Handle[]): void;
  /** Closing twice is no error. */
  close(): void;
}

/** MLX's files of functions (`.mlxfn`), and pictures of graphs. */
export interface Exporting {
  exportFunction(
    path: string,
    run: NamedFunction,
    inputs: readonly Handle[],
    named: Readonly<Record<string, Handle>>,
    shapeless: boolean,
  ): void;
  exporter(path: string, run: TracedFunction, shapeless: boolean): Exporter;
  importFunction(path: string): (inputs: readonly Handle[], named: Readonly<Record<string, Handle>>) => Handle[];
  exportToDot(path: string, outputs: readonly Handle[], named: Readonly<Record<string, Handle>>): void;
}
