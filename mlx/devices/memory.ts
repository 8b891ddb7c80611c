import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedFlag, checkedOptions } from '../../registry/arguments/options.ts';
import { nativeBackend } from '../../runtime/runtime.ts';

/** Bytes that MLX holds for live arrays in this process; arrays in Python workers are not among them. */
export function getActiveMemory(): number {
  return nativeBackend.addon.getActiveMemory();
}

/** The most bytes that were active at once since the start, or the last `resetPeakMemory`. */
export function getPeakMemory(): number {
  return nativeBackend.addon.getPeakMemory();
}

/** Bytes that MLX keeps for arrays to come. */
export function getCacheMemory(): number {
  return nativeBackend.addon.getCacheMemory();
}

/** Starts the count of `getPeakMemory` anew. */
export function resetPeakMemory(): void {
  nativeBackend.addon.resetPeakMemory();
}

export interface ClearCacheOptions {
  /**
   * Whether the C library gives the bytes on to the system. That takes milliseconds, and the next arrays get pages that are cleared
   * when they are first written, so between the steps of a loop it is not worth it. Default: true.
   */
  readonly toSystem?: boolean | undefined;
}

/** Frees the cached bytes. @throws ArgumentError unless `toSystem` is a boolean, and for other options. */
export function clearCache(options: ClearCacheOptions = {}): void {
  const { toSystem } = checkedOptions<ClearCacheOptions>(options, ['toSystem'], 'mx.clearCache');
  const isReturned = checkedFlag(toSystem ?? true, 'toSystem', 'mx.clearCache');
  nativeBackend.addon.clearCache();
  if (isReturned) nativeBackend.addon.returnMemory();
}

function checkedBytes(bytes: number, operation: string): number {
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new ArgumentError(`expected a number of bytes from 0 up, received ${describeValue(bytes)}`, { operation });
}

/** Sets how many bytes MLX may cache; gives the limit before. @throws ArgumentError unless an integer from 0 up. */
export function setCacheLimit(bytes: number): number {
  return nativeBackend.addon.setCacheLimit(checkedBytes(bytes, 'mx.setCacheLimit'));
}

/** Sets how many bytes evaluation may use before it waits for memory to be freed; gives the limit before. */
export function setMemoryLimit(bytes: number): number {
  return nativeBackend.addon.setMemoryLimit(checkedBytes(bytes, 'mx.setMemoryLimit'));
}

/** Sets how many bytes Metal may keep resident for the GPU; gives the limit before. No effect elsewhere. */
export function setWiredLimit(bytes: number): number {
  return nativeBackend.addon.setWiredLimit(checkedBytes(bytes, 'mx.setWiredLimit'));
}
