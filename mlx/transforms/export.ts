import { existsSync } from 'node:fs';
import type { Exporting } from '../../backend/backend.ts';
import { ArgumentError, DisposedError, FileError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { checkedPath, isPath } from '../../io/paths.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedFlag, checkedOptions, refuseMore } from '../../registry/arguments/options.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import type { Transformer } from '../../router/transforms/tracing.ts';
import { router } from '../../runtime/runtime.ts';
import { type AnyFunction, checkFunction, checkSynchronous } from './function.ts';

/** Arrays by name, at the end of the arguments; `shapeless` and `metadata` are taken out. */
type Keywords = Readonly<Record<string, unknown>>;

/** A function read from a file: arrays in, with a plain object of named ones at the end where it has any; arrays out. */
export type ImportedFunction = (...args: unknown[]) => Tensor[];

/** Adds a trace for arguments like these; `close`, or `using`, finishes the file. */
export interface FunctionExporter extends Disposable {
  (...args: unknown[]): void;
  close(): void;
}

function exportingOf(transformer: Transformer, operation: string): Exporting {
  const { exporting } = transformer.transforms;
  if (exporting !== undefined) return exporting;
  throw new UnsupportedOperationError(`not offered on the ${transformer.side} backend`, {
    operation,
    implementation: transformer.side,
  });
}

function pathOf(file: unknown, operation: string): string {
  if (isPath(file)) return checkedPath(file, operation);
  if (typeof file === 'function') {
    throw new UnsupportedOperationError(
      'MLX’s C API exports to files only, not to a callback; write a file, or use Python’s mx.export_function',
      { operation },
    );
  }
  throw new ArgumentError(`expected a path or a file: URL for "file", received ${describeValue(file)}`, { operation });
}

function isKeywords(value: unknown): value is Keywords {
  if (typeof value !== 'object' || value === null || value instanceof Tensor) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The arguments of a call, `f(a, b, { c })` or `f([a, b], { c })`. */
function split(args: readonly unknown[], operation: string): { arrays: Tensor[]; keywords: Keywords } {
  const last = args.at(-1);
  const keywords = isKeywords(last) ? last : {};
  const rest = isKeywords(last) ? args.slice(0, -1) : args;
  const given = rest.length === 1 && Array.isArray(rest[0]) ? (rest[0] as unknown[]) : rest;
  for (const item of given) {
    if (!(item instanceof Tensor)) {
      throw new ArgumentError(`expected arrays, received ${describeValue(item)}`, { operation });
    }
  }
  return { arrays: given as Tensor[], keywords };
}

function optionsOf({ shapeless = false, metadata, ...named }: Keywords, operation: string) {
  if (typeof shapeless !== 'boolean') {
    throw new ArgumentError(`expected a boolean for "shapeless", received ${describeValue(shapeless)}`, { operation });
  }
  if (metadata !== undefined && metadata !== null) {
    throw new UnsupportedOperationError(
      'MLX’s C API cannot save "metadata" with a function; keep it in a file beside it',
      { operation },
    );
  }
  return { shapeless, named: namedOf(named, operation) };
}

function namedOf(named: Keywords, operation: string): [string, Tensor][] {
  return Object.entries(named).map(([name, value]) => {
    if (value instanceof Tensor) return [name, value];
    throw new ArgumentError(`expected an array for "${name}", received ${describeValue(value)}`, { operation });
  });
}

function handlesByName(transformer: Transformer, named: readonly [string, Tensor][]): Record<string, Handle> {
  const handles = transformer.handles(named.map(([, tensor]) => tensor));
  return Object.fromEntries(named.map(([name], i) => [name, handles[i] as Handle]));
}

function outputsOf(result: unknown, operation: string): Tensor[] {
  const checked = checkSynchronous(result, operation);
  const outputs = Array.isArray(checked) ? checked : [checked];
  if (outputs.length > 0 && outputs.every((item) => item instanceof Tensor)) return outputs;
  throw new ArgumentError(`expected the function to give one or more arrays, received ${describeValue(result)}`, {
    operation,
  });
}

/** What MLX says of a file that it cannot open is an error of files. */
function withFile<T>(path: string, operation: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!messageOf(error).includes('Failed to open')) throw error;
    throw new FileError(`${path} cannot be opened`, { operation, cause: error });
  }
}

/**
 * Writes `fun`, traced for arguments like these, to a file that every language of MLX reads. Arrays that it captures
 * are written with it. The arguments are arrays; a plain object at the end gives those by name, and `shapeless`:
 * whether arrays of other shapes of the same rank may be given later.
 *
 * @throws UnsupportedOperationError for a callback in place of the file, and for `metadata`.
 * @throws FileError where the file cannot be written.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.export_function.html
 */
export function exportFunction(file: string | URL, fun: AnyFunction, ...args: unknown[]): void {
  const operation = 'mx.exportFunction';
  const path = pathOf(file, operation);
  checkFunction(fun, operation);
  const { arrays, keywords } = split(args, operation);
  const { shapeless, named } = optionsOf(keywords, operation);
  const transformer = router.transforming.transformer();
  const exporting = exportingOf(transformer, operation);
  const run = (inputs: Handle[], byName: ReadonlyMap<string, Handle>) =>
    transformer.inside(() => {
      const keys = [...byName.keys()];
      const values = transformer.wrap([...byName.values()]);
      const given = Object.fromEntries(keys.map((key, i) => [key, values[i]]));
      const result = fun(...transformer.wrap(inputs), ...(keys.length === 0 ? [] : [given]));
      return transformer.handles(outputsOf(result, operation));
    });
  withFile(path, operation, () =>
    exporting.exportFunction(path, run, transformer.handles(arrays), handlesByName(transformer, named), shapeless),
  );
}

/**
 * Writes several traces of `fun` to one file: call the exporter with arguments of each kind, then close it.
 * A trace that fails closes it too.
 *
 * @throws UnsupportedOperationError for `metadata`, and for arrays by name.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.exporter.html
 */
export function exporter(
  file: string | URL,
  fun: AnyFunction,
  options: { readonly shapeless?: boolean; readonly metadata?: string } = {},
  ...more: never[]
): FunctionExporter {
  const operation = 'mx.exporter';
  const path = pathOf(file, operation);
  checkFunction(fun, operation);
  refuseMore(more, operation);
  const { shapeless } = optionsOf({ ...checkedOptions(options, ['shapeless', 'metadata'], operation) }, operation);
  const transformer = router.transforming.transformer();
  const run = transformer.traced((inputs) => outputsOf(fun(...inputs), operation));
  const made = withFile(path, operation, () => exportingOf(transformer, operation).exporter(path, run, shapeless));
  let closed = '';
  const close = (why = 'was closed') => {
    closed ||= why;
    made.close();
  };
  const add = (...args: unknown[]) => {
    if (closed !== '') throw new DisposedError(`the exporter ${closed}`, { operation });
    const { arrays, keywords } = split(args, operation);
    if (Object.keys(keywords).length > 0) {
      throw new UnsupportedOperationError(
        'MLX’s C API has no exporter for arrays by name; use mx.exportFunction, or pass them by position',
        { operation },
      );
    }
    const handles = transformer.handles(arrays);
    try {
      made.add(handles);
    } catch (error) {
      // MLX keeps what is half traced, and would end the process at the next one.
      close('was closed by a trace that failed; make a new one');
      throw error;
    }
  };
  return Object.assign(add, { close: () => close(), [Symbol.dispose]: () => close() });
}

/**
 * The function in a file of `exportFunction`, by whichever language it was written. Import only files that you trust:
 * MLX checks them little.
 *
 * @returns a function of the same arguments, which gives a list of arrays.
 * @throws UnsupportedOperationError where the metadata are asked for.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.import_function.html
 */
export function importFunction(
  file: string | URL,
  returnMetadata: boolean | object = false,
  ...more: never[]
): ImportedFunction {
  const operation = 'mx.importFunction';
  const path = pathOf(file, operation);
  const isOptions = typeof returnMetadata === 'object' && returnMetadata !== null;
  const wanted = isOptions
    ? checkedOptions<{ returnMetadata?: unknown }>(returnMetadata, ['returnMetadata'], operation).returnMetadata
    : returnMetadata;
  refuseMore(more, operation);
  if (checkedFlag(wanted ?? false, 'returnMetadata', operation)) {
    throw new UnsupportedOperationError('MLX’s C API cannot read the metadata of a function ("returnMetadata")', {
      operation,
    });
  }
  if (!existsSync(path)) throw new FileError(`${path} is not there`, { operation });
  const transformer = router.transforming.transformer();
  const call = withFile(path, operation, () => exportingOf(transformer, operation).importFunction(path));
  return (...args) => {
    const { arrays, keywords } = split(args, operation);
    const named = namedOf(keywords, operation);
    return transformer.wrap(call(transformer.handles(arrays), handlesByName(transformer, named)));
  };
}

/**
 * Writes the graph of arrays that are not evaluated yet, in the DOT language. A plain object at the end gives names.
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.export_to_dot.html
 */
export function exportToDot(file: string | URL, ...args: unknown[]): void {
  const operation = 'mx.exportToDot';
  const path = pathOf(file, operation);
  const { arrays, keywords } = split(args, operation);
  const transformer = router.transforming.transformer();
  const named = handlesByName(transformer, namedOf(keywords, operation));
  exportingOf(transformer, operation).exportToDot(path, transformer.handles(arrays), named);
}
