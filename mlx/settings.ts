import { ConfigurationError } from '../registry/errors.ts';
import type { Configuration } from '../router/configuration.ts';
import type { ShadowReport } from '../router/shadow.ts';
import { pythonBackend, router } from './runtime.ts';

/** What a worker is told when it starts, and never again. */
const READ_AT_START = ['pythonPath', 'pythonModules', 'pythonFolders'] as const;

/**
 * Changes how calls are routed from now on. What concerns the start of Python must be set before a call needs it.
 * @throws ConfigurationError naming the first wrong setting.
 */
export function configure(changes: Partial<Configuration>): void {
  const before = router.configuration;
  router.configure(changes);
  const late = READ_AT_START.find((name) => String(before[name]) !== String(router.configuration[name]));
  if (late === undefined || pythonBackend.stats().workers === 0) return;
  router.configure(before);
  throw new ConfigurationError(
    `configure: "${late}" is read when Python starts, and it runs already: set it before the first call that needs Python, or after await shutdown()`,
  );
}

/** What became of the calls so far: by operation, backend and reason; copies between the backends. */
export const routing = {
  /** Also measure the time of each call, from now on; costs about as much as a small operation. */
  time(timed = true): void {
    router.timeCalls(timed);
  },
  table() {
    return router.telemetry.tallies().map((tally) => ({ ...tally }));
  },
  transfers() {
    const { native, python } = router.telemetry.transfers();
    return { toNative: { ...native }, toPython: { ...python } };
  },
  reset(): void {
    router.telemetry.reset();
  },
};

/** Called with what each shadowed call found; see `configure({ shadow })`. */
export function onShadow(listener: ((report: ShadowReport) => void) | undefined): void {
  router.onShadow = listener;
}

/** Ends the Python workers. The next call that needs one starts them again. */
export function shutdown(): Promise<void> {
  return router.shutdown();
}
