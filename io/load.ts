import { ArgumentError, type Implementation } from '../foundation/errors/errors.ts';
import { describeValue } from '../registry/arguments/describe.ts';
import { checkedImplementation, checkedOptions } from '../registry/arguments/options.ts';
import { isTensor, type Tensor } from '../router/tensors/tensor.ts';
import type { CallOptions } from '../runtime/call-options.ts';
import { router } from '../runtime/runtime.ts';
import { isStream } from '../runtime/streams.ts';
import { type FileFormat, formatOf, hasMetadata, READERS } from './formats.ts';
import { type Loaded, type LoadedMetadata, materialize } from './materialize.ts';
import { checkedPath, fileError, isPath } from './paths.ts';
import type { Reading } from './reading.ts';
import { bytesSource, runReading, runReadingAsync, type Source, withFile, withFileAsync } from './sources.ts';

/** What a file can be given as: a path, a `file:` URL, or its bytes. */
export type FileData = string | URL | ArrayBufferView | ArrayBuffer;
/** Node's Readable streams and web streams are async iterables of bytes. */
export type FileStream = AsyncIterable<Uint8Array>;

export interface LoadOptions extends CallOptions {
  /** What the file is; by default its extension says so, and the first bytes of data in memory. */
  readonly format?: FileFormat;
  /** Also give the file's metadata: `[arrays, metadata]`; safetensors and gguf have some. */
  readonly returnMetadata?: boolean;
}

type Arrays = Record<string, Tensor>;
type WithMetadata = LoadOptions & { readonly returnMetadata: true };

interface Request {
  readonly operation: string;
  readonly wanted: unknown;
  readonly returnMetadata: boolean;
  readonly implementation: Implementation | undefined;
}

const OPTIONS = ['format', 'returnMetadata', 'stream', 'implementation'] as const;

/**
 * Reads a file of arrays: npy (one array), npz, safetensors or gguf (arrays by name, in an object without prototype).
 * The header is checked before anything else. From a path, npy, safetensors and gguf are read lazily by the native
 * backend: the file stays open and its values are read, on the CPU, when they are needed; npz, and every file that
 * goes to Python, is read at once. A file may be replaced meanwhile, as the functions that save do it, but not
 * overwritten in place. gguf's quantised arrays become MLX's, `….weight`, `….scales` and `….biases`.
 * @param file a path, a `file:` URL, or the file's bytes.
 * @throws FileError where the file cannot be read or is not what it says it is.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.load.html
 */
export function load(file: `${string}.npy`, options?: LoadOptions & { readonly format?: 'npy' }): Tensor;
export function load(file: FileData, options: LoadOptions & { readonly format: 'npy' }): Tensor;
export function load(
  file: FileData,
  options: WithMetadata & { readonly format: 'gguf' },
): [Arrays, Record<string, LoadedMetadata>];
export function load(
  file: `${string}.gguf`,
  options: LoadOptions & { readonly returnMetadata: true },
): [Arrays, Record<string, LoadedMetadata>];
export function load(file: FileData, options: WithMetadata): [Arrays, Record<string, string>];
export function load<Result = Arrays>(file: FileData, options?: LoadOptions): Result;
export function load<Result = unknown>(
  file: FileData,
  format: FileFormat | null,
  returnMetadata?: boolean,
  options?: CallOptions,
): Result;
export function load(file: FileData, ...rest: unknown[]): unknown {
  const request = checkedRequest(rest, 'mx.load');
  return within(request, () => {
    if (isPath(file)) {
      const path = checkedPath(file, request.operation);
      const format = checkedFormat(request, path);
      return reported(request, path, format, () =>
        withFile(path, (source) => result(request, format, runReading(source, read(format, source)))),
      );
    }
    return fromBytes(checkedBytes(file, request.operation), request);
  });
}

/**
 * As `load`, without blocking this thread on the disk; also from a stream of bytes, which is read to its end.
 * @throws FileError as a rejection, where the file or stream cannot be read or is not what it says it is.
 */
export function loadAsync(
  file: FileData | FileStream,
  options: LoadOptions & { readonly format: 'npy' },
): Promise<Tensor>;
export function loadAsync(file: `${string}.npy`, options?: LoadOptions & { readonly format?: 'npy' }): Promise<Tensor>;
export function loadAsync(
  file: FileData | FileStream,
  options: WithMetadata,
): Promise<[Arrays, Record<string, string>]>;
export function loadAsync<Result = Arrays>(file: FileData | FileStream, options?: LoadOptions): Promise<Result>;
export async function loadAsync(file: FileData | FileStream, ...rest: unknown[]): Promise<unknown> {
  const request = checkedRequest(rest, 'mx.loadAsync');
  return within(request, async () => {
    if (isPath(file)) {
      const path = checkedPath(file, request.operation);
      const format = checkedFormat(request, path);
      try {
        return await withFileAsync(path, async (source) =>
          result(request, format, await runReadingAsync(source, read(format, source))),
        );
      } catch (error) {
        throw fileError(error, path, format, request.operation);
      }
    }
    if (!isByteStream(file)) return fromBytes(checkedBytes(file, request.operation), request);
    return fromBytes(await collected(file, request.operation), request);
  });
}

function* read(format: FileFormat, source: Source): Reading<Loaded> {
  return yield* materialize(yield* READERS[format](source.size), source);
}

function fromBytes(source: Source, request: Request): unknown {
  const format = checkedFormat(request, source.bytes as Buffer);
  return reported(request, source.label, format, () =>
    result(request, format, runReading(source, read(format, source))),
  );
}

function result(request: Request, format: FileFormat, { arrays, metadata }: Loaded): unknown {
  if (format === 'npy') return arrays[''];
  return request.returnMetadata ? [arrays, metadata] : arrays;
}

function reported<T>(request: Request, label: string, format: FileFormat, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw fileError(error, label, format, request.operation);
  }
}

function within<T>({ implementation }: Request, run: () => T): T {
  return implementation === undefined ? run() : router.withImplementation(implementation, run);
}

function checkedFormat(request: Request, origin: string | Buffer): FileFormat {
  const format = formatOf(request.wanted, origin, request.operation);
  if (request.returnMetadata && !hasMetadata(format)) {
    throw new ArgumentError(`"returnMetadata": a file of the format ${format} has no metadata`, {
      operation: request.operation,
    });
  }
  return format;
}

/** Python's order, `format, returnMetadata`, and its keywords in one object behind them. */
function checkedRequest(rest: readonly unknown[], operation: string): Request {
  const last = rest.at(-1);
  const keywords =
    typeof last === 'object' && last !== null && !isTensor(last) ? (last as Record<string, unknown>) : {};
  const positional = keywords === last ? rest.slice(0, -1) : rest;
  const fail = (text: string): never => {
    throw new ArgumentError(text, { operation });
  };
  if (positional.length > 2) fail(`expected at most the file, a format and a boolean before the options`);
  checkedOptions<LoadOptions>(keywords, OPTIONS, operation);
  const wanted = positional[0] ?? keywords.format;
  const returnMetadata = positional[1] ?? keywords.returnMetadata ?? false;
  const { stream, implementation } = keywords;
  if (typeof returnMetadata !== 'boolean') {
    fail(`expected a boolean for "returnMetadata", received ${describeValue(returnMetadata)}`);
  }
  if (stream !== undefined && stream !== null && !isStream(stream)) {
    fail(`expected a device or a stream for "stream", received ${describeValue(stream)}`);
  }
  return {
    operation,
    wanted,
    returnMetadata: returnMetadata as boolean,
    implementation: checkedImplementation(implementation, operation),
  };
}

function checkedBytes(file: unknown, operation: string): Source {
  if (ArrayBuffer.isView(file) || file instanceof ArrayBuffer) return bytesSource(file);
  throw new ArgumentError(
    `expected a path, a file: URL, or the file's bytes for "file", received ${describeValue(file)}`,
    { operation },
  );
}

function isByteStream(file: unknown): file is FileStream {
  return typeof file === 'object' && file !== null && Symbol.asyncIterator in file;
}

async function collected(stream: FileStream, operation: string): Promise<Source> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) {
        throw new ArgumentError(`expected a stream of bytes, received ${describeValue(chunk)}`, { operation });
      }
      chunks.push(chunk);
    }
    return { ...bytesSource(Buffer.concat(chunks)), label: 'the stream' };
  } catch (error) {
    throw fileError(error, 'the stream', 'stream', operation);
  }
}
