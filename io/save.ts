import { ArgumentError } from '../foundation/errors/errors.ts';
import { float64 } from '../foundation/values/dtypes.ts';
import { isTensor, type Tensor } from '../router/tensors/tensor.ts';
import { checkGguf, type GgufMetadata, writeGguf } from './gguf-writer.ts';
import { npyHeader } from './npy.ts';
import { safetensorsHeader } from './safetensors.ts';
import { checkedText, entriesOf, type NamedArray, namedArray, namedArrays } from './save-arguments.ts';
import { type AsyncSaveTarget, type SaveTarget, saveTo, saveToAsync } from './targets.ts';
import { values, type WriteStep, type Writing } from './writing.ts';
import { writeZip, type ZipFile } from './zip-writer.ts';

type Arrays = Readonly<Record<string, Tensor>>;
type Texts = Readonly<Record<string, string>>;
type Metadata = Readonly<Record<string, GgufMetadata>>;

/** What each function writes, checked before the target is touched. */
interface Job {
  readonly extension: string;
  readonly writing: () => Writing;
}

function write(bytes: Uint8Array): WriteStep {
  return { kind: 'write', bytes };
}

function npyJob(value: unknown, operation: string): Job {
  const { tensor, dtype, shape } = namedArray('', value, operation);
  function* writing(): Writing {
    yield write(npyHeader(dtype, shape));
    yield* values(tensor, function* (bytes) {
      yield write(bytes);
    });
  }
  return { extension: '.npy', writing };
}

function npzJob(args: readonly unknown[], compress: boolean, operation: string): Job {
  const last = args.at(-1);
  const hasNamed = args.length > 0 && !isTensor(last);
  const positional = hasNamed ? args.slice(0, -1) : args;
  const numbered = positional.map((value, i) => [`arr_${i}`, value] as const);
  const named = hasNamed ? entriesOf(last, 'arrays', operation) : [];
  const taken = new Set<string>(numbered.map(([name]) => name));
  for (const [name] of named) {
    if (taken.has(name)) throw new ArgumentError(`the array "${name}" is given twice`, { operation });
  }
  const files = namedArrays([...numbered, ...named], operation).map((array) => npzFile(array, operation));
  return { extension: '.npz', writing: () => writeZip(files, compress) };
}

function npzFile({ name, tensor, dtype, shape, bytes }: NamedArray, operation: string): ZipFile {
  const file = `${name}.npy`;
  if (name.includes('\0') || Buffer.byteLength(file) > 0xffff) {
    throw new ArgumentError(`npz cannot hold the name ${JSON.stringify(name.slice(0, 40))}`, { operation });
  }
  const header = npyHeader(dtype, shape);
  function* content(use: (part: Buffer, last: boolean) => Writing): Writing {
    yield* use(header, false);
    yield* values(tensor, use);
  }
  return { name: file, size: header.length + bytes, content };
}

function safetensorsJob(value: unknown, metadata: unknown, operation: string): Job {
  const arrays = namedArrays(entriesOf(value, 'arrays', operation), operation);
  if (arrays.some(({ name }) => name === '__metadata__')) {
    throw new ArgumentError('an array cannot have the name "__metadata__"', { operation });
  }
  const wide = arrays.find(({ dtype }) => dtype === float64);
  if (wide !== undefined) {
    throw new ArgumentError(`MLX's safetensors have no type for the float64 of "${wide.name}"; npz has`, { operation });
  }
  const notes = entriesOf(metadata, 'strings', operation).map(
    ([key, text]) =>
      [
        checkedText(key, `the name "${key}"`, operation),
        checkedText(text, `the metadata "${key}"`, operation),
      ] as const,
  );
  function* writing(): Writing {
    yield write(safetensorsHeader(arrays, notes));
    for (const { tensor } of arrays) {
      yield* values(tensor, function* (bytes) {
        yield write(bytes);
      });
    }
  }
  return { extension: '.safetensors', writing };
}

function ggufJob(value: unknown, metadata: unknown, operation: string): Job {
  const arrays = namedArrays(entriesOf(value, 'arrays', operation), operation);
  const notes = entriesOf(metadata, 'arrays, strings or lists of strings', operation).map(([key, note]) => {
    checkedText(key, `the name "${key}"`, operation);
    if (isTensor(note)) return [key, namedArray(key, note, operation).tensor] as const;
    const what = `the metadata "${key}"`;
    if (Array.isArray(note)) return [key, note.map((text) => checkedText(text, what, operation))] as const;
    return [key, checkedText(note, what, operation)] as const;
  });
  checkGguf(arrays, notes, operation);
  return { extension: '.gguf', writing: () => writeGguf(arrays, notes) };
}

function run(file: unknown, { extension, writing }: Job, operation: string): void {
  saveTo(file, extension, writing, operation);
}

function runAsync(file: unknown, { extension, writing }: Job, operation: string): Promise<void> {
  return saveToAsync(file, extension, writing, operation);
}

/**
 * Writes one array to an npy file, as NumPy does; `.npy` is added to a path that lacks it. Evaluates it. A file is
 * written whole or not at all. bfloat16 is written as two bytes of void (`<V2`), as MLX does.
 * @throws FileError where the file cannot be written.
 */
export function save(file: SaveTarget, array: Tensor): void {
  run(file, npyJob(array, 'mx.save'), 'mx.save');
}

/** As `save`, without blocking this thread on the disk; also to a Writable stream, which is left open. */
export async function saveAsync(file: AsyncSaveTarget, array: Tensor): Promise<void> {
  await runAsync(file, npyJob(array, 'mx.saveAsync'), 'mx.saveAsync');
}

/**
 * Writes arrays to an npz file, an archive of npy files: those given one by one as `arr_0`, `arr_1`, …, those in an
 * object behind them by their names. `.npz` is added to a path that lacks it. Whole or not at all.
 * @throws FileError where the file cannot be written.
 */
export function savez(file: SaveTarget, ...arrays: (Tensor | Arrays)[]): void {
  run(file, npzJob(arrays, false, 'mx.savez'), 'mx.savez');
}

/** As `savez`, without blocking this thread on the disk; also to a Writable stream, which is left open. */
export async function savezAsync(file: AsyncSaveTarget, ...arrays: (Tensor | Arrays)[]): Promise<void> {
  await runAsync(file, npzJob(arrays, false, 'mx.savezAsync'), 'mx.savezAsync');
}

/** As `savez`, deflated. */
export function savezCompressed(file: SaveTarget, ...arrays: (Tensor | Arrays)[]): void {
  run(file, npzJob(arrays, true, 'mx.savezCompressed'), 'mx.savezCompressed');
}

/** As `savezCompressed`, without blocking this thread; also to a Writable stream, which is left open. */
export async function savezCompressedAsync(file: AsyncSaveTarget, ...arrays: (Tensor | Arrays)[]): Promise<void> {
  await runAsync(file, npzJob(arrays, true, 'mx.savezCompressedAsync'), 'mx.savezCompressedAsync');
}

/**
 * Writes arrays by name, of any dtype but float64, and metadata of strings to a safetensors file; `.safetensors` is added to a path
 * that lacks it. Evaluates them. Whole or not at all.
 * @throws FileError where the file cannot be written.
 */
export function saveSafetensors(file: SaveTarget, arrays: Arrays, metadata?: Texts | null): void {
  run(file, safetensorsJob(arrays, metadata, 'mx.saveSafetensors'), 'mx.saveSafetensors');
}

/** As `saveSafetensors`, without blocking this thread on the disk; also to a Writable stream, which is left open. */
export async function saveSafetensorsAsync(
  file: AsyncSaveTarget,
  arrays: Arrays,
  metadata?: Texts | null,
): Promise<void> {
  await runAsync(file, safetensorsJob(arrays, metadata, 'mx.saveSafetensorsAsync'), 'mx.saveSafetensorsAsync');
}

/**
 * Writes arrays by name (float32, float16, int8, int16, int32; at most 8 dimensions) to a gguf file; `.gguf` is added
 * to a path that lacks it. Metadata are strings, lists of strings, and arrays of at most one dimension of bool, float32
 * or any integer. Evaluates them. Whole or not at all.
 * @throws FileError where the file cannot be written.
 */
export function saveGguf(file: SaveTarget, arrays: Arrays, metadata?: Metadata | null): void {
  run(file, ggufJob(arrays, metadata, 'mx.saveGguf'), 'mx.saveGguf');
}

/** As `saveGguf`, without blocking this thread on the disk; also to a Writable stream, which is left open. */
export async function saveGgufAsync(file: AsyncSaveTarget, arrays: Arrays, metadata?: Metadata | null): Promise<void> {
  await runAsync(file, ggufJob(arrays, metadata, 'mx.saveGgufAsync'), 'mx.saveGgufAsync');
}
