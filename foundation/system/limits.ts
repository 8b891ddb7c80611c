/** More Python processes than that are a mistake of the configuration. */
export const MOST_WORKERS = 64;
export const MOST_SPARE_WORKERS = 8;
/** Each worker may be replaced while its predecessor still leaves. */
export const MOST_PROCESSES = 2 * MOST_WORKERS + MOST_SPARE_WORKERS;

/** What the length of a frame on a worker's pipe may be: less holds no greeting, more does not fit its 32 bits. */
export const FRAME_BYTES = { least: 2 ** 20, most: 2 ** 32 - 1 } as const;

/** With less memory a Python worker does not even start. */
export const LEAST_WORKER_MEMORY = 2 ** 28;

/** What a pool of workers may do; `router/settings/settings.ts` says what each is. */
export interface PoolLimits {
  readonly poolSize: number;
  readonly spareWorkers: number;
  readonly maxQueue: number;
  readonly workerMaxRequests: number;
  readonly workerMaxAgeMs: number;
  readonly workerMaxResidentBytes: number;
  readonly callTimeoutMs: number;
  readonly recovery: boolean;
  readonly recoveryBytes: number;
  readonly maxFrameBytes: number;
  readonly workerMemoryBytes: number;
  readonly sharedMemoryBytes: number;
}

/** Unless configured. */
export const POOL_LIMITS: PoolLimits = {
  poolSize: 1,
  spareWorkers: 0,
  maxQueue: 65_536,
  workerMaxRequests: 0,
  workerMaxAgeMs: 0,
  workerMaxResidentBytes: 0,
  callTimeoutMs: 60_000,
  recovery: true,
  recoveryBytes: 2 ** 28,
  maxFrameBytes: 2 ** 30,
  workerMemoryBytes: 0,
  sharedMemoryBytes: 2 ** 30,
};

/**
 * Which variables of this process workers get beside the usual ones: all of them; those named, where a `*` at the end stands
 * for any rest; or these, with values of their own.
 */
export type WorkerEnvironment = 'inherit' | readonly string[] | Readonly<Record<string, string>>;
