import type { Dtype } from './dtypes.ts';
import type { Implementation } from './errors.ts';
import type { Operation } from './operation.ts';
import type { Session, SessionLookup } from './session.ts';
import type { Argument, Element, Handle, Result, Scalar } from './values.ts';

export type DeviceType = 'cpu' | 'gpu';

/** Where to run: a device's default stream, or one stream of it. */
export interface StreamRef {
  readonly device: DeviceType;
  /** null: the default stream of the device. */
  readonly index: number | null;
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

export interface CallContext {
  /** undefined: the current default device and stream. */
  readonly stream: StreamRef | undefined;
  /** Ends an asynchronous call when it aborts, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Where errors go of a call that need not wait; undefined: the call throws its own. */
  readonly deferral?: Deferral | undefined;
}

export interface DeferralOptions {
  /** It is never settled: failures that nobody meets become warnings. */
  readonly standing: boolean;
  /** Keeps the place of each call for its error, not only of some. */
  readonly everySite: boolean;
}

/** A span of calls that are sent without waiting; their errors come when they are looked for. */
export interface Deferral {
  /** Waits for every call of the span, and throws the first failure that nobody has seen yet. */
  settle(): void;
  settleAsync(): Promise<void>;
  /** A number that this span has met before as a tensor beside that one, until the span ends; null: it goes with its call. */
  constant(scalar: Scalar, beside: Handle): Handle | null;
  /** Sends what is left, and leaves the failures to those who read the results. */
  abandon(): void;
}

/**
 * One way to run operations. The router knows backends only through this.
 *
 * Tensors cross it as `Handle`s of this very backend; `call` gives back a tree of new handles.
 * Every method throws subclasses of `MlxRouterError` and nothing else.
 */
export interface Backend {
  readonly name: Implementation;

  /** Starts what is lazy if `start` is true; otherwise answers from what is known. */
  status(start: boolean): BackendStatus;

  /** Whether it can run the operation at all. Must be cheap and must not start a lazy backend. */
  supports(operation: Operation): boolean;

  /** Why it cannot take these dtypes, or run on that device; undefined when it can. */
  refuses?(
    operation: Operation,
    dtypes: readonly Dtype[],
    stream: StreamRef | undefined,
  ): 'unsupported-dtype' | 'unsupported-device' | undefined;

  /** Numbers for gauges and reports: workers, live tensors, bytes. */
  stats?(): Readonly<Record<string, number>>;

  /**
   * A short cut for the commonest calls: all arguments are tensors of this backend, the result is one tensor,
   * the stream is the default one. undefined where the operation has no such form.
   */
  direct?(operation: Operation): DirectCall | undefined;

  /** The same where one of two operands is a number; it gives null where the call has to be parsed. */
  directNumber?(operation: Operation): DirectNumber | undefined;

  /** The same for one tensor and a list of integers. */
  directShape?(operation: Operation): DirectShape | undefined;

  /** Opens a span of calls without waiting; absent where calls never wait. */
  defer?(options: DeferralOptions): Deferral;

  /** As `direct`, but sent without waiting; it gives null where the call has to go the usual way. */
  deferred?(operation: Operation): DeferredCall | undefined;

  /** `call` of one operation with all that can be worked out beforehand done once. */
  bind?(operation: Operation): BoundCall | undefined;

  call(operation: Operation, args: readonly Argument[], context: CallContext): Result;
  callAsync(operation: Operation, args: readonly Argument[], context: CallContext): Promise<Result>;

  /** A tensor from row-major bytes, which are copied before this returns. */
  create(bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle;
  /**
   * The same without sleeping: a promise where a process must start, or has too much to do. The bytes are given away.
   * Absent where `create` never sleeps. `operation`: the public name of what needs it, for errors.
   */
  createSoon?(
    bytes: Uint8Array<ArrayBuffer>,
    shape: readonly number[],
    dtype: Dtype,
    operation: string,
  ): Handle | Promise<Handle>;
  /** Whether a process has to start before it can make a tensor; absent where none ever has. */
  readonly isCold?: boolean;
  describe(handle: Handle): TensorInfo;
  /** Evaluates and copies out the row-major bytes, in memory of their own. */
  read(handle: Handle): Uint8Array<ArrayBuffer>;
  /** The one element of a tensor of size 1; undefined where `read` has to do. Evaluates. */
  item?(handle: Handle): Element | undefined;
  readAsync(handle: Handle, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** The text that Python's `repr` gives, with so many decimals; -1: as MLX chooses. Evaluates. */
  text(handle: Handle, precision: number): string;
  eval(handles: readonly Handle[]): void;
  evalAsync(handles: readonly Handle[], signal?: AbortSignal): Promise<void>;
  /** Frees at once. Freeing twice is no error. */
  free(handle: Handle): void;
  isAlive(handle: Handle): boolean;
  /** Whether the values went with a worker and cannot be made again; absent where none can go. */
  isLost?(handle: Handle): boolean;
  /** The worker that holds the tensor, and its number there; absent where tensors live in this process. */
  locate?(handle: Handle): { readonly worker: number; readonly id: number };

  /** While sessions are open: whose a new tensor is. null: no session is open. */
  watchSessions(current: SessionLookup | null): void;
  /** The tensor belongs to that session from now on, or to none. */
  own(handle: Handle, session: Session | undefined): void;
  /** Frees everything that belongs to the session. */
  endSession(session: Session): void;

  /** While deadlines are set: when the one of the running code is over, as `performance.now()` counts. null: none is. */
  watchDeadlines?(current: (() => number | undefined) | null): void;

  /** Where short cuts run, and calls whose context names no stream; undefined: where they did at the start. */
  setDefaultStream?(stream: StreamRef | undefined): void;

  /** Everything made between the two is freed at `endScope`, but `keep`. Scopes nest. */
  beginScope(): void;
  endScope(keep: readonly Handle[]): void;

  /** MLX's function transforms over JavaScript functions; absent where the backend has none. */
  readonly transforms?: Transforms;

  /**
   * Ends processes and threads, once what is in flight has finished, or after the grace, in milliseconds. Afterwards
   * the backend may be started again by its next use.
   */
  shutdown(grace?: number): Promise<void>;
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

export type BoundCall = (args: readonly Argument[], stream: StreamRef | undefined) => Result;
export type DirectCall = (...handles: Handle[]) => Handle;
export type DirectNumber = (tensor: Handle, number: number, isFirst: boolean) => Handle | null;
export type DirectShape = (tensor: Handle, shape: readonly unknown[]) => Handle | null;
export type DeferredCall = (deferral: Deferral, a: Handle, b: Handle | null, c: Handle | null) => Handle | null;
