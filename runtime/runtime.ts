import { delimiter, resolve } from 'node:path';
import { NativeBackend } from '../native-backend/index.ts';
import { PythonBackend } from '../python-bridge/index.ts';
import { Registry } from '../registry/registry.ts';
import { Router } from '../router/router.ts';
import { fromEnvironment } from '../router/settings/configuration.ts';
import { Telemetry } from '../router/telemetry/telemetry.ts';
import type { Tensor } from '../router/tensors/tensor.ts';
import { kernelFolder } from './kernel-folder.ts';
import { placesOf } from './places.ts';
import { RandomState } from './random-state.ts';
import { isStream } from './streams.ts';

const environment = fromEnvironment(process.env);

export const registry = new Registry();
export const nativeBackend = new NativeBackend({ kernelFolder });
// Declared first: the bridge's settings read it when they are used.
let router: Router;

const telemetry = new Telemetry(() => pythonBackend.statistics.read());

export const pythonBackend: PythonBackend = new PythonBackend({
  operations: () => registry.all(),
  // Read when they are needed: the application configures after the import.
  get allowModules() {
    return router.configuration.pythonModules;
  },
  get pythonPath() {
    const { pythonPath } = router.configuration;
    // The bridge reads the variable itself, and names it when it is wrong.
    return pythonPath === null || pythonPath === environment.pythonPath ? undefined : pythonPath;
  },
  get workerEnvironment() {
    return router.configuration.workerEnvironment;
  },
  get env() {
    const folders = router.configuration.pythonFolders.map((folder) => resolve(folder));
    const path = [...folders, process.env.PYTHONPATH ?? ''].filter((folder) => folder !== '').join(delimiter);
    const kernels = kernelFolder();
    return {
      ...(folders.length > 0 && { PYTHONPATH: path }),
      ...(kernels !== undefined && { MLX_ROUTER_KERNELS: kernels }),
    };
  },
  sentinels: sentinels(),
  memory: memory(),
  isReadable: nativeBackend.status(true).available ? nativeBackend.addon.isReadable : undefined,
  observe: telemetry.outgoing,
  onEvent: telemetry.follow,
});

/** Objects that report their collection in the same turn; without the addon the bridge has only FinalizationRegistry. */
function sentinels() {
  if (!nativeBackend.status(true).available) return undefined;
  const { addon } = nativeBackend;
  return { create: addon.sentinel, drain: addon.drainSentinels };
}

/** Mappings and large blocks for the bridge's shared memory. */
function memory() {
  if (!nativeBackend.status(true).available) return undefined;
  const { addon } = nativeBackend;
  return {
    map: (descriptor: number, bytes: number) => addon.mapShared(descriptor, bytes),
    allocate: (bytes: number) => addon.allocate(bytes),
  };
}

router = new Router({
  registry,
  backends: { native: nativeBackend, python: pythonBackend },
  environment,
  telemetry,
  placesOf: (mask) => placesOf((name, ...args) => router.call(router.prepare(name), args), mask),
  nextKey: () => randomState.next(),
  isStream,
});

export const randomState = new RandomState(
  (seed) => router.callUncounted('random.key', [seed]) as Tensor,
  (key) => {
    // Calls of the library's own: a caller who draws once has not split anything.
    const pair = router.callUncounted('random.split', [key]) as Tensor;
    const half = (i: number) => router.callUncounted('index', [pair, [i]]) as Tensor;
    const halves: [Tensor, Tensor] = [half(0), half(1)];
    router.residency.dispose(pair);
    return halves;
  },
  (key) => router.residency.dispose(key),
);

export { router };
