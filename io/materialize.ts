import { type Dtype, float64, uint8, uint64 } from '../foundation/values/dtypes.ts';
import type { Tensor } from '../router/tensors/tensor.ts';
import { nativeBackend, router } from '../runtime/runtime.ts';
import { cpu } from '../runtime/streams.ts';
import { type Reading, readRange } from './reading.ts';
import { safetensorsHeader } from './safetensors.ts';
import type { Source } from './sources.ts';
import type { StoredArray, StoredFile } from './stored.ts';

/** An array of a file whose bytes are still there. */
interface InFile extends StoredArray {
  readonly data: { readonly offset: number; readonly length: number };
}

export type LoadedMetadata = string | string[] | Tensor;

export interface Loaded {
  readonly arrays: Record<string, Tensor>;
  readonly metadata: Record<string, LoadedMetadata>;
}

/**
 * Tensors of what a file holds. Those that lie in an open file are read when they are computed, where the native
 * backend takes them; a Python worker gets the values at once.
 */
export function* materialize(file: StoredFile, source: Source): Reading<Loaded> {
  const arrays = new Map<string, Tensor>();
  const lazy: [string, InFile][] = [];
  const readLater = source.descriptor !== null && newArraysAreNative();
  for (const [name, array] of file.arrays) {
    if (readLater && isInFile(array) && array.data.length > 0) lazy.push([name, array]);
    else arrays.set(name, yield* readNow(array, source.size));
  }
  for (const [name, tensor] of readWhenComputed(lazy, source)) arrays.set(name, tensor);
  const metadata = new Map<string, LoadedMetadata>();
  for (const [key, value] of file.metadata) {
    if (typeof value === 'string') metadata.set(key, value);
    else metadata.set(key, isTexts(value) ? [...value] : yield* readNow(value, source.size));
  }
  return { arrays: byName(file.arrays.keys(), arrays), metadata: byName(metadata.keys(), metadata) };
}

function isInFile(array: StoredArray): array is InFile {
  return !Buffer.isBuffer(array.data);
}

function isTexts(value: readonly string[] | StoredArray): value is readonly string[] {
  return Array.isArray(value);
}

/** Without a prototype, so that a name such as `__proto__` or `constructor` is a name like any other. */
function byName<T>(names: Iterable<string>, values: ReadonlyMap<string, T>): Record<string, T> {
  const result: Record<string, T> = Object.create(null);
  for (const name of names) result[name] = values.get(name) as T;
  return result;
}

function newArraysAreNative(): boolean {
  const probe = router.create(new Uint8Array(0), [0], uint8);
  const isNative = probe.native !== null;
  router.residency.dispose(probe);
  return isNative;
}

function* readNow(array: StoredArray, size: number): Reading<Tensor> {
  const { data, shape, dtype } = array;
  const bytes = Buffer.isBuffer(data) ? data : yield* readRange(size, data.offset, data.length);
  return upright(router.create(bytes, shape, dtype), array);
}

/**
 * MLX gets a header of our own making, in which the offsets count from the start of the file: nothing of the file's
 * header reaches it, and every format is read in the same way.
 */
function readWhenComputed(arrays: readonly [string, InFile][], source: Source): [string, Tensor][] {
  if (arrays.length === 0) return [];
  const entries = arrays.map(([, { dtype, shape }], i) => ({ name: String(i), dtype: storageDtype(dtype), shape }));
  const header = safetensorsHeader(entries, [], (i) => (arrays[i] as [string, InFile])[1].data.offset);
  const slots = nativeBackend.addon.fileArrays(source.descriptor as number, header, arrays.length, source.label);
  return nativeBackend.adopt(slots).map((handle, i) => {
    const [name, array] = arrays[i] as [string, InFile];
    const tensor = router.adopt(handle, 'native');
    const { dtype, shape } = array;
    tensor.info = { shape, dtype: storageDtype(dtype) };
    const typed = storageDtype(dtype) === dtype ? tensor : onItsSide('view', tensor, dtype);
    return [name, upright(typed, array)];
  });
}

/** MLX's safetensors lack float64: it travels as the bits of integers. */
function storageDtype(dtype: Dtype): Dtype {
  return dtype === float64 ? uint64 : dtype;
}

function upright(tensor: Tensor, { transposed }: StoredArray): Tensor {
  return transposed === true ? onItsSide('transpose', tensor) : tensor;
}

/** The operation where the tensor is, whatever the policy: nothing is moved for it. */
function onItsSide(operation: string, tensor: Tensor, ...rest: unknown[]): Tensor {
  const implementation = tensor.native !== null ? 'native' : 'python';
  return router.call(router.prepare(operation), [tensor, ...rest, { implementation, stream: cpu }]) as Tensor;
}
