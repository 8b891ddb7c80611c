import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArgumentError, FileError, MlxRouterError } from '../foundation/errors/errors.ts';
import { messageOf } from '../foundation/errors/message.ts';
import { describeValue } from '../registry/arguments/describe.ts';
import { Malformed } from './reading.ts';

export function isPath(file: unknown): file is string | URL {
  return typeof file === 'string' || file instanceof URL;
}

/** The absolute path of a path or a `file:` URL. */
export function checkedPath(file: string | URL, operation: string): string {
  const path = typeof file === 'string' ? file : pathOfUrl(file, operation);
  if (path !== '' && !path.includes('\0')) return resolve(path);
  throw new ArgumentError(`expected the path of a file for "file", received ${describeValue(file)}`, { operation });
}

function pathOfUrl(url: URL, operation: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new ArgumentError(`expected a file: URL for "file", received ${url.href}`, { operation, cause: error });
  }
}

/** The path with the format's extension, which is added where it is missing, as Python does. */
export function withExtension(path: string, extension: string): string {
  return path.endsWith(extension) ? path : path + extension;
}

/** What went wrong with a file, as an error that names the file and the operation. The library's own stay as they are. */
export function fileError(error: unknown, label: string, what: string, operation: string): MlxRouterError {
  if (error instanceof MlxRouterError) return error;
  const message = messageOf(error);
  const text = error instanceof Malformed ? `${label} is not a sound ${what} file: ${message}` : undefined;
  return new FileError(text ?? `${label} cannot be ${what === '' ? 'written' : 'read'}: ${message}`, {
    operation,
    cause: error instanceof Malformed ? error.cause : error,
  });
}
