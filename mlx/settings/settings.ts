import { ArgumentError, ConfigurationError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedFlag, checkedOptions } from '../../registry/arguments/options.ts';
import type { Configuration } from '../../router/settings/settings.ts';
import type { ShadowReport } from '../../router/telemetry/shadow.ts';
import { named } from '../../router/tensors/residency.ts';
import { pythonBackend, router } from '../../runtime/runtime.ts';

const SHUTDOWN_GRACE_MS = 5000;

/** The settings that a worker gets when it starts, and never again. */
const READ_AT_START = ['pythonPath', 'pythonModules', 'pythonFolders', 'workerEnvironment', 'maxFrameBytes'] as const;

/**
 * Changes settings from now on: how calls are routed, and what the Python pool may do. docs/configuration.md says what each
 * is. What concerns the start of Python must be set before a call needs it.
 * @throws ConfigurationError naming the first wrong setting.
 */
export function configure(changes: Partial<Configuration>): void {
  const before = router.configuration;
  router.configure(changes);
  const late = READ_AT_START.find(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(router.configuration[name]),
  );
  if (late === undefined || pythonBackend.stats().workers === 0) return;
  router.configure(before);
  throw new ConfigurationError(
    `configure: "${late}" is read when Python starts, and it runs already: set it before the first call that needs Python, or after await shutdown()`,
  );
}

/** What became of the calls so far: by operation, backend and reason; and the copies between the backends. */
export const routing = {
  /**
   * Measures calls from now on, or no longer with `false`. Every call then takes the long way through the router, which
   * costs about four times what a small native operation does.
   */
  time(timed = true): void {
    checkedFlag(timed, 'timed', 'routing.time');
    router.timeCalls(timed);
  },
  /** Each way that was taken, most calls first; `milliseconds` is 0 unless calls are timed. A call that throws is not counted. */
  table() {
    return router.telemetry.tallies().map((tally) => ({ ...tally }));
  },
  /** How many arrays were copied to each backend, and their bytes. */
  transfers() {
    const { native, python } = router.telemetry.transfers();
    return { toNative: { ...native }, toPython: { ...python } };
  },
  /** Starts all counts anew. */
  reset(): void {
    router.telemetry.reset();
  },
};

/** Sets the function that gets the report of each shadowed call, in place of the one before; undefined: none. See `configure({ shadow })`. */
export function onShadow(listener: ((report: ShadowReport) => void) | undefined): void {
  if (listener !== undefined && typeof listener !== 'function') {
    throw new ArgumentError(`expected a function or nothing, received ${describeValue(listener)}`, {
      operation: 'onShadow',
    });
  }
  router.onShadow = listener;
}

/**
 * Ends the Python workers, once what was asked of them is done, or after `graceMs` milliseconds (5000 unless said); what is
 * not done by then is rejected with a WorkerDiedError. Arrays that lived only in workers are lost. The next call that needs
 * a worker starts one.
 */
export async function shutdown(options: ShutdownOptions = {}): Promise<void> {
  const { graceMs = SHUTDOWN_GRACE_MS } = checkedOptions<ShutdownOptions>(options, ['graceMs'], 'shutdown');
  if (typeof graceMs !== 'number' || !(graceMs >= 0)) {
    throw new ArgumentError(
      `shutdown: expected milliseconds from 0 up for "graceMs", received ${describeValue(graceMs)}`,
    );
  }
  await router.shutdown(graceMs);
}

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /** Milliseconds that what is in flight may take; 5,000 unless set. */
  readonly graceMs?: number;
}

/** The Python workers. */
export const pythonPool = {
  /** What they are and do now: counts, and a report of each worker. Starts nothing. */
  stats(): PoolStatistics {
    return { ...pythonBackend.report(), liveTensors: pythonBackend.stats().liveTensors };
  },
  /** Starts workers before a call needs them: `poolSize`, or so many. @throws BackendUnavailableError where they do not start. */
  async start(count?: number): Promise<void> {
    if (count !== undefined && !(Number.isInteger(count) && count >= 0)) {
      throw new ArgumentError(`pythonPool.start: expected an integer from 0 up, received ${describeValue(count)}`);
    }
    try {
      await pythonBackend.start(count);
    } catch (error) {
      throw named(error, 'pythonPool.start');
    }
  },
};

/** See `pythonPool.stats`. */
export type PoolStatistics = ReturnType<typeof pythonBackend.report> & { readonly liveTensors: number };
