import {
  FRAME_BYTES,
  LEAST_WORKER_MEMORY,
  MOST_SPARE_WORKERS,
  MOST_WORKERS,
  POOL_LIMITS,
} from '../../foundation/system/limits.ts';
import {
  bytesOrNone,
  choice,
  count,
  environment,
  flag,
  folders,
  modules,
  overrides,
  pathOrNone,
  type Setting,
  setting,
  share,
} from './setting-kinds.ts';

/** The longest that a timer of Node's may run. */
const MOST_MILLISECONDS = 2 ** 31 - 1;

/** How calls are routed. */
export const ROUTING = {
  /** Native when the operation is ported. Off: Python wherever Python can; new arrays are made there too. */
  preferNative: setting('MLX_ROUTER_PREFER_NATIVE', true, flag),
  /** Python when native cannot. Off: a call that native cannot run is an `UnsupportedOperationError`. */
  allowFallback: setting('MLX_ROUTER_ALLOW_FALLBACK', true, flag),
  /** By operation or by family; the operation's entry wins. As a variable `'linalg.svd=python,fft=python'`. */
  implementationOverrides: setting('MLX_ROUTER_OVERRIDES', {}, overrides),
  /** The share of calls, 0 to 1, that run on both backends and are compared. */
  shadow: setting('MLX_ROUTER_SHADOW', 0, share),
  /**
   * Makes an error of places out of range in index arrays, which evaluates them; without it they count as the nearest
   * place.
   */
  checkBounds: setting('MLX_ROUTER_CHECK_BOUNDS', false, flag),
  /** `'off'`, `'metrics'` or `'spans'`. */
  telemetry: setting('MLX_ROUTER_TELEMETRY', 'metrics', choice('off', 'metrics', 'spans')),
};

/** What the Python pool may do. */
export const PYTHON = {
  /** Processes at most, 1 to 64; each starts when it is needed. */
  poolSize: setting('MLX_ROUTER_POOL_SIZE', POOL_LIMITS.poolSize, count(1, MOST_WORKERS)),
  /** Processes that are started before they are needed, 0 to 8; one takes over at once when a worker exits or is ended. */
  spareWorkers: setting('MLX_ROUTER_SPARE_WORKERS', POOL_LIMITS.spareWorkers, count(0, MOST_SPARE_WORKERS)),
  /** Asynchronous calls that may wait for room in the workers; more are a `QueueFullError`. */
  maxQueue: setting('MLX_ROUTER_MAX_QUEUE', POOL_LIMITS.maxQueue, count()),
  /** A worker makes way for a new one after so many requests; 0: never. */
  workerMaxRequests: setting('MLX_ROUTER_WORKER_MAX_REQUESTS', POOL_LIMITS.workerMaxRequests, count()),
  /** A worker makes way for a new one after so many milliseconds; 0: never. */
  workerMaxAgeMs: setting(
    'MLX_ROUTER_WORKER_MAX_AGE_MS',
    POOL_LIMITS.workerMaxAgeMs,
    count(0, undefined, 'milliseconds'),
  ),
  /** A worker makes way for a new one with so many bytes of memory, not counting what it shares; 0: never. */
  workerMaxResidentBytes: setting(
    'MLX_ROUTER_WORKER_MAX_RESIDENT_BYTES',
    POOL_LIMITS.workerMaxResidentBytes,
    count(0, undefined, 'bytes'),
  ),
  /** Milliseconds that one call may take, its wait included. */
  callTimeoutMs: setting(
    'MLX_ROUTER_CALL_TIMEOUT_MS',
    POOL_LIMITS.callTimeoutMs,
    count(1, MOST_MILLISECONDS, 'milliseconds'),
  ),
  /** Makes arrays again that were lost with a worker. */
  recovery: setting('MLX_ROUTER_RECOVERY', POOL_LIMITS.recovery, flag),
  /** Bytes of arrays that may be kept in this process for that. */
  recoveryBytes: setting('MLX_ROUTER_RECOVERY_BYTES', POOL_LIMITS.recoveryBytes, count(0, undefined, 'bytes')),
  /**
   * Bytes of the largest array that may cross through a pipe, with its call; 1 MiB to 4 GiB less a byte. A larger one is a
   * `ProtocolError`, unless it goes through shared memory.
   */
  maxFrameBytes: setting(
    'MLX_ROUTER_MAX_FRAME_BYTES',
    POOL_LIMITS.maxFrameBytes,
    count(FRAME_BYTES.least, FRAME_BYTES.most, 'bytes'),
  ),
  /**
   * Bytes of memory of its own that a worker may have, at least 256 MiB; what needs more ends the worker, since MLX does
   * not look whether it got its memory. Linux only. 0: no limit.
   */
  workerMemoryBytes: setting(
    'MLX_ROUTER_WORKER_MEMORY_BYTES',
    POOL_LIMITS.workerMemoryBytes,
    bytesOrNone(LEAST_WORKER_MEMORY),
  ),
  /**
   * Bytes of memory that each worker may share with this process, for arrays of 256 KiB and more; at most half of what
   * `/dev/shm` has free. 0: all goes through the pipe.
   */
  sharedMemoryBytes: setting(
    'MLX_ROUTER_SHARED_MEMORY_BYTES',
    POOL_LIMITS.sharedMemoryBytes,
    count(0, undefined, 'bytes'),
  ),
  /** `'deferred'`: every call to Python goes as in a pipeline, and throws once its result is read. */
  pythonErrors: setting('MLX_ROUTER_PYTHON_ERRORS', 'immediate', choice('immediate', 'deferred')),
  /** The interpreter. null: what the set-up wrote, then `.venv`, then `python3` on `PATH`. */
  pythonPath: setting('MLX_ROUTER_PYTHON', null, pathOrNone),
  /** Modules that operations of your own and remote objects may come from. As a variable `'my_package,other'`. */
  pythonModules: setting('MLX_ROUTER_PYTHON_MODULES', [], modules),
  /** Folders to find those modules in, before Python's own. As a variable separated as in `PATH`. */
  pythonFolders: setting('MLX_ROUTER_PYTHON_FOLDERS', [], folders),
  /**
   * What workers get of this process's environment beside [the usual](#the-environment-of-a-worker): a list of names, where
   * `*` at the end stands for any rest; an object of variables; or `'inherit'` for all. As a variable `'inherit'` or
   * `'AWS_*,HF_TOKEN'`.
   */
  workerEnvironment: setting('MLX_ROUTER_WORKER_ENVIRONMENT', [], environment),
};

type Values<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** Every setting, by its name. */
export interface Configuration extends Values<typeof ROUTING>, Values<typeof PYTHON> {}

export const SETTINGS: { readonly [K in keyof Configuration]: Setting<Configuration[K]> } = { ...ROUTING, ...PYTHON };
