import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { nativeBackend, router } from '../../runtime/runtime.ts';
import { cpu, Device, gpu, isStream, Stream } from '../../runtime/streams.ts';
import { scoped } from '../evaluation/scoped.ts';
import {
  clearCache,
  getActiveMemory,
  getCacheMemory,
  getPeakMemory,
  resetPeakMemory,
  setCacheLimit,
  setMemoryLimit,
  setWiredLimit,
} from './memory.ts';

let defaultStreamOrDevice: Device | Stream | undefined;
let noticed = false;

/** What the addon throws is typed, and names the public function. */
const named = nativeBackend.run.bind(nativeBackend);

function checked(value: unknown, operation: string): Device | Stream {
  if (isStream(value)) return value as Device | Stream;
  throw new ArgumentError(`expected a device (mx.cpu, mx.gpu) or a stream, received ${describeValue(value)}`, {
    operation,
  });
}

function checkedDevice(value: unknown, operation: string): Device {
  if (value instanceof Device) return value;
  throw new ArgumentError(`expected a device (mx.cpu, mx.gpu), received ${describeValue(value)}`, { operation });
}

/** The GPU where there is one; else the CPU, with one notice for the whole process. */
function present<Place extends Device | Stream>(place: Place): Place | Device {
  if (place.device === 'cpu' || isAvailable(gpu)) return place;
  if (!noticed) {
    noticed = true;
    process.emitWarning('there is no GPU that MLX can use here; the CPU is used instead', {
      type: 'MlxRouterWarning',
      code: 'MLX_ROUTER_NO_GPU',
    });
  }
  return cpu;
}

function use(place: Device | Stream | undefined, operation: string): void {
  // A stream that is not there is refused here, before anything has changed.
  named(operation, () => router.setDefaultStream(place));
  defaultStreamOrDevice = place;
}

/** Where calls run that say nothing else. */
export function defaultDevice(): Device {
  if (defaultStreamOrDevice !== undefined) return defaultStreamOrDevice.device === 'gpu' ? gpu : cpu;
  return nativeBackend.status(true).device === 'gpu' ? gpu : cpu;
}

/** Runs calls there from now on; without a GPU the CPU stands in for it, with a notice. */
export function setDefaultDevice(device: Device): void {
  use(present(checkedDevice(device, 'mx.setDefaultDevice')), 'mx.setDefaultDevice');
}

/** Whether MLX can compute on the device here. */
export function isAvailable(device: Device): boolean {
  return checkedDevice(device, 'mx.isAvailable').device === 'cpu' || nativeBackend.addon.deviceCount(true) > 0;
}

/** How many devices of that type there are. */
export function deviceCount(device: Device): number {
  return named('mx.deviceCount', (addon) =>
    addon.deviceCount(checkedDevice(device, 'mx.deviceCount').device === 'gpu'),
  );
}

/** What MLX reports of the device: its name, its memory in bytes, its architecture. */
export function deviceInfo(device: Device = defaultDevice()): Record<string, string | number> {
  return named('mx.deviceInfo', (addon) => addon.deviceInfo(checkedDevice(device, 'mx.deviceInfo').device === 'gpu'));
}

/** The stream that calls on the device use unless they name one. */
export function defaultStream(device: Device = defaultDevice()): Stream {
  const place = checkedDevice(device, 'mx.defaultStream');
  if (defaultStreamOrDevice instanceof Stream && defaultStreamOrDevice.device === place.device) {
    return defaultStreamOrDevice;
  }
  return new Stream(
    place.device,
    named('mx.defaultStream', (addon) => addon.deviceStream(place.device === 'gpu')),
  );
}

/** Runs calls in that stream from now on, which makes its device the default one. */
export function setDefaultStream(stream: Stream): void {
  if (!(stream instanceof Stream)) {
    throw new ArgumentError(`expected a stream made by mx.newStream, received ${describeValue(stream)}`, {
      operation: 'mx.setDefaultStream',
    });
  }
  use(stream, 'mx.setDefaultStream');
}

/** A new queue on the device, for work that may overlap with other streams'. */
export function newStream(device: Device): Stream {
  const { device: type } = present(checkedDevice(device, 'mx.newStream'));
  return new Stream(
    type,
    named('mx.newStream', (addon) => addon.newStream(type === 'gpu')),
  );
}

/** What `mx.stream` gives: ends the scope, through `using` or by hand. */
export interface StreamScope extends Disposable {
  end(): void;
}

/**
 * Calls run on that device or stream until the scope ends: `using scope = mx.stream(mx.cpu)`, or for the length of a
 * synchronous function.
 */
export function stream(place: Device | Stream): StreamScope;
export function stream<T>(place: Device | Stream, run: () => T): T;
export function stream<T>(place: Device | Stream, run?: () => T): StreamScope | T {
  const operation = 'mx.stream';
  const where = present(checked(place, operation));
  return scoped(operation, run, () => {
    const before = defaultStreamOrDevice;
    use(where, operation);
    return () => use(before, operation);
  });
}

/** Waits until all work of the device or stream is done. */
export function synchronize(place?: Device | Stream): void {
  const where = place === undefined ? undefined : checked(place, 'mx.synchronize');
  named('mx.synchronize', (addon) => addon.synchronize(where === undefined ? -1 : nativeBackend.streamIndex(where)));
}

/** MLX on Apple's GPUs. */
export const metal = {
  isAvailable: (): boolean => nativeBackend.addon.metalIsAvailable(),
  /** Writes a GPU trace to that file, until `stopCapture`. */
  startCapture: (path: string): void => named('mx.metal.startCapture', (addon) => addon.metalStartCapture(path)),
  stopCapture: (): void => named('mx.metal.stopCapture', (addon) => addon.metalStopCapture()),
  /** Python's old names of what is in the core now. */
  deviceInfo: (): Record<string, string | number> => deviceInfo(),
  clearCache,
  getActiveMemory,
  getCacheMemory,
  getPeakMemory,
  resetPeakMemory,
  setCacheLimit,
  setMemoryLimit,
  setWiredLimit,
};

/** MLX on NVIDIA's GPUs. */
export const cuda = {
  isAvailable: (): boolean => nativeBackend.addon.cudaIsAvailable(),
};
