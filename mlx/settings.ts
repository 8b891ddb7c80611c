import type { Configuration } from '../router/configuration.ts';
import type { ShadowReport } from '../router/shadow.ts';
import { router } from './runtime.ts';

/** Changes how calls are routed from now on. @throws ConfigurationError naming the first wrong setting. */
export function configure(changes: Partial<Configuration>): void {
  router.configure(changes);
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
