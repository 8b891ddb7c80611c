import { ArgumentError } from '../foundation/errors/errors.ts';
import { describeValue } from '../registry/arguments/describe.ts';
import { readGguf } from './gguf.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';
import type { Reading } from './reading.ts';
import { readSafetensors } from './safetensors.ts';
import type { StoredFile } from './stored.ts';

/** The formats of `mx.load`, each the extension of its files. */
export type FileFormat = 'npy' | 'npz' | 'safetensors' | 'gguf';

export const READERS: Readonly<Record<FileFormat, (size: number) => Reading<StoredFile>>> = {
  npy: readNpy,
  npz: readNpz,
  safetensors: readSafetensors,
  gguf: readGguf,
};
const KNOWN = Object.keys(READERS).join(', ');

/** Formats that have metadata. */
export function hasMetadata(format: FileFormat): boolean {
  return format === 'safetensors' || format === 'gguf';
}

function isFormat(value: unknown): value is FileFormat {
  return typeof value === 'string' && Object.hasOwn(READERS, value);
}

/** The format that is asked for, or else the one of the path's extension or of the data's first bytes. */
export function formatOf(wanted: unknown, origin: string | Buffer, operation: string): FileFormat {
  if (isFormat(wanted)) return wanted;
  if (wanted !== undefined && wanted !== null) {
    throw new ArgumentError(`expected one of ${KNOWN} for "format", received ${describeValue(wanted)}`, { operation });
  }
  if (typeof origin !== 'string') return formatOfBytes(origin);
  const extension = origin.slice(origin.lastIndexOf('.') + 1);
  if (isFormat(extension)) return extension;
  throw new ArgumentError(
    `expected a file whose name ends in one of ${KNOWN}, or "format" to say which it is, received ` +
      describeValue(origin),
    { operation },
  );
}

function formatOfBytes(bytes: Buffer): FileFormat {
  const start = bytes.toString('latin1', 0, 6);
  if (start === '\x93NUMPY') return 'npy';
  if (start.startsWith('PK')) return 'npz';
  return start.startsWith('GGUF') ? 'gguf' : 'safetensors';
}
