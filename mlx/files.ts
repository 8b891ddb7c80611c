import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeValue } from '../registry/arguments/describe.ts';
import { ArgumentError, DisposedError, FileError, MlxRouterError } from '../registry/errors.ts';
import { Tensor } from '../router/tensor.ts';
import { nativeBackend, router } from './runtime.ts';
import { checkSafetensors } from './safetensors.ts';

function checkedPath(file: unknown, operation: string): string {
  if (typeof file === 'string' && file !== '' && !file.includes('\0')) return resolve(file);
  throw new ArgumentError(`expected the path of a file for "file", received ${describeValue(file)}`, { operation });
}

function entries(value: unknown, what: string, operation: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || value instanceof Tensor || Array.isArray(value)) {
    throw new ArgumentError(`expected an object of ${what} by name, received ${describeValue(value)}`, { operation });
  }
  return Object.entries(value);
}

/**
 * Writes arrays by name to a safetensors file; whole or not at all. Evaluates them.
 * @throws FileError where the file cannot be written.
 */
export function saveSafetensors(
  file: string,
  arrays: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const operation = 'mx.saveSafetensors';
  const target = checkedPath(file, operation);
  const named = entries(arrays, 'arrays', operation);
  const slots = named.map(([name, tensor]) => {
    if (!(tensor instanceof Tensor)) {
      throw new ArgumentError(`expected an array for "${name}", received ${describeValue(tensor)}`, { operation });
    }
    if (tensor.isDisposed) throw new DisposedError(`the array "${name}" was disposed`, { operation });
    return router.residency.at(tensor, 'native').slot;
  });
  const notes = entries(metadata, 'strings', operation).map(([name, text]) => {
    if (typeof text === 'string') return [name, text] as const;
    throw new ArgumentError(`expected a string for the metadata "${name}", received ${describeValue(text)}`, {
      operation,
    });
  });
  // MLX adds the extension where it is missing, so the temporary name has it too.
  const extension = '.safetensors';
  const finished = target.endsWith(extension) ? target : `${target}${extension}`;
  const temporary = `${finished.slice(0, -extension.length)}.${randomUUID()}${extension}`;
  try {
    nativeBackend.addon.saveSafetensors(
      temporary,
      named.map(([name]) => name),
      slots,
      notes.map(([name]) => name),
      notes.map(([, text]) => text),
    );
    renameSync(temporary, finished);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new FileError(`${finished} cannot be written: ${messageOf(error)}`, { operation, cause: error });
  }
}

export interface LoadOptions {
  /** Also give the file's metadata: `[arrays, metadata]`. */
  readonly returnMetadata?: boolean;
}

/**
 * Reads a safetensors file: arrays by name, lazily. The header is checked before MLX sees the file.
 * @throws FileError where the file cannot be read or is not what it says it is.
 */
export function load(file: string, options?: { readonly returnMetadata?: false }): Record<string, Tensor>;
export function load(
  file: string,
  options: { readonly returnMetadata: true },
): [Record<string, Tensor>, Record<string, string>];
export function load(file: string, options: LoadOptions = {}) {
  const operation = 'mx.load';
  const path = checkedPath(file, operation);
  if (!path.endsWith('.safetensors')) {
    throw new ArgumentError(`expected a file whose name ends in .safetensors, received "${file}"`, { operation });
  }
  checkSafetensors(path, operation);
  try {
    const { names, slots, metadata } = nativeBackend.addon.loadSafetensors(path);
    const handles = nativeBackend.adopt(slots);
    const arrays = Object.fromEntries(
      names.map((name, i) => [name, router.adopt(handles[i] as (typeof handles)[number], 'native')]),
    );
    return options.returnMetadata === true ? [arrays, metadata] : arrays;
  } catch (error) {
    if (error instanceof MlxRouterError) throw error;
    throw new FileError(`${path} cannot be read: ${messageOf(error)}`, { operation, cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
