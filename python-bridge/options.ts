import type { RequestObserver } from '../backend/observer.ts';
import { POOL_LIMITS, type PoolLimits, type WorkerEnvironment } from '../foundation/system/limits.ts';
import type { Operation } from '../registry/operation.ts';
import { Deadline } from './requests/call.ts';
import type { IsReadable } from './requests/direct-line.ts';
import type { Memory } from './tensors/arena/segment.ts';
import type { PoolReport } from './workers/statistics.ts';

/**
 * Objects whose collection is reported in the same synchronous turn, which `FinalizationRegistry` cannot do.
 * The native addon has them; the wiring passes them on.
 */
export interface Sentinels {
  /** An object that reports `slot` when V8 collects it. */
  create(slot: number): object;
  /** The slots reported since the last time. */
  drain(): number[];
}

/** What happens in the pool, for telemetry and logs. Times are in milliseconds. */
export type BridgeEvent =
  | { readonly type: 'started'; readonly worker: number; readonly pid: number; readonly duration: number }
  /** A line that it, or something it runs, wrote to stdout or stderr. */
  | { readonly type: 'log'; readonly worker: number; readonly pid: number; readonly text: string }
  | { readonly type: 'retiring'; readonly worker: number; readonly pid: number; readonly reason: string }
  | { readonly type: 'died'; readonly worker: number; readonly pid: number; readonly reason: string }
  | {
      readonly type: 'call';
      readonly worker: number;
      readonly operation: string;
      /** From the request to the moment that the worker had nothing older to do. */
      readonly queueWait: number;
      readonly duration: number;
    }
  | { readonly type: 'moved' | 'copied'; readonly from: number; readonly to: number; readonly bytes: number };

export interface PythonBackendOptions {
  /** What the pool may do, until its settings change. */
  readonly limits?: PoolLimits;
  /** What a worker may take to be ready. */
  readonly startTimeoutMs?: number;
  /** The interpreter; see `locate.ts` for where else it is looked for. */
  readonly pythonPath?: string | undefined;
  /** Modules that user-registered operations may come from, beside `mlx` and `operator`. */
  readonly allowModules: readonly string[];
  /** What workers get of this process's variables beside the usual ones. */
  readonly workerEnvironment?: WorkerEnvironment;
  /** Variables for the workers, over all others. */
  readonly env?: Readonly<Record<string, string>>;
  /** The catalogue and the user's own; read whenever a worker starts. */
  readonly operations: () => Iterable<Operation>;
  readonly sentinels?: Sentinels | undefined;
  /** The folder in memory that memory shared with workers is taken from. */
  readonly sharedMemoryFolder?: string;
  /** The native addon's; without it the shared memory is read and written as a file. */
  readonly memory?: Memory | undefined;
  /** The native addon's: whether a pipe can be read, for which it blocks so many milliseconds at most. */
  readonly isReadable?: IsReadable | undefined;
  /** Asked before each request; `operation` is the public name of what is asked for. */
  readonly observe?: ((operation: string) => RequestObserver | undefined) | undefined;
  readonly onEvent?: ((event: BridgeEvent) => void) | undefined;
}

/** Numbers for gauges. */
export type PoolStats = Omit<PoolReport, 'perWorker'> & {
  readonly liveTensors: number;
  /** JavaScript functions that workers hold, and errors of theirs. */
  readonly callbacks: number;
  /** Operations and arrays that are remembered for recovery, and the bytes that are kept for it. */
  readonly remembered: number;
  readonly rememberedBytes: number;
  /** Memory shared with workers. */
  readonly sharedBytes: number;
};

/** The options with their defaults, read anew at each use: the application may configure after the import. */
export class Settings {
  readonly #options: PythonBackendOptions;
  limits: PoolLimits = POOL_LIMITS;
  /** Whether workers make way for others while they live, or others stand by. */
  renewsWorkers = false;
  /** Asked before each request; see `PythonBackendOptions`. */
  readonly observe: PythonBackendOptions['observe'];

  constructor(options: PythonBackendOptions) {
    this.#options = options;
    this.observe = options.observe;
    this.limit(options.limits ?? POOL_LIMITS);
  }

  limit(limits: PoolLimits): void {
    const { spareWorkers, workerMaxRequests, workerMaxAgeMs, workerMaxResidentBytes } = limits;
    this.limits = limits;
    this.renewsWorkers = [spareWorkers, workerMaxRequests, workerMaxAgeMs, workerMaxResidentBytes].some((n) => n > 0);
  }

  /** While deadlines are set: when that of the running code is over, as `performance.now()` counts. */
  scopedDeadline: (() => number | undefined) | null = null;

  /** Until when a call that begins now may take: so many milliseconds, if the running code leaves it these. */
  deadline(budget = this.limits.callTimeoutMs): Deadline {
    return new Deadline(budget, this.scopedDeadline?.());
  }

  get startTimeoutMs(): number {
    return this.#options.startTimeoutMs ?? 30_000;
  }

  get pythonPath(): string | undefined {
    return this.#options.pythonPath;
  }

  get allowModules(): readonly string[] {
    return this.#options.allowModules;
  }

  get sharedMemoryFolder(): string {
    return this.#options.sharedMemoryFolder ?? '/dev/shm';
  }

  get isReadable(): IsReadable | undefined {
    return this.#options.isReadable;
  }

  get memory(): Memory | undefined {
    return this.#options.memory;
  }

  get workerEnvironment(): WorkerEnvironment {
    return this.#options.workerEnvironment ?? [];
  }

  get env(): Readonly<Record<string, string>> {
    return this.#options.env ?? {};
  }

  operations(): Iterable<Operation> {
    return this.#options.operations();
  }

  report(event: BridgeEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch {
      // A mistake of the observer is none of the call.
    }
  }
}
