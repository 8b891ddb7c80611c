import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { FileError } from '../registry/errors.ts';

const SIZES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
};
/** The format's own limit of a header. */
const HEADER_LIMIT = 100_000_000;

/** Refuses a file whose header lies before MLX believes it: a wrong length there means a wild read or allocation. */
export function checkSafetensors(path: string, operation: string): void {
  const fail = (message: string, cause?: unknown): never => {
    throw new FileError(`${path} is not a sound safetensors file: ${message}`, { operation, cause });
  };
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw new FileError(`${path} cannot be opened: ${(error as Error).message}`, { operation, cause: error });
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) fail('it is no regular file');
    const head = Buffer.alloc(8);
    if (readSync(descriptor, head, 0, 8, 0) < 8) fail(`it has ${status.size} bytes, too few for a header`);
    const length = Number(head.readBigUInt64LE());
    if (length > HEADER_LIMIT || length + 8 > status.size) {
      fail(`its header claims ${length} bytes in a file of ${status.size}`);
    }
    const bytes = Buffer.alloc(length);
    readSync(descriptor, bytes, 0, length, 8);
    checkHeader(bytes.toString('utf8'), status.size - 8 - length, fail);
  } finally {
    closeSync(descriptor);
  }
}

function checkHeader(text: string, available: number, fail: (message: string, cause?: unknown) => never): void {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    fail('its header is no JSON', error);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) fail('its header is no object');
  for (const [name, entry] of Object.entries(header as object)) {
    if (name === '__metadata__') {
      // MLX writes null where there is none.
      if (entry === null) continue;
      const texts = typeof entry === 'object' ? Object.values(entry) : [undefined];
      if (texts.some((value) => typeof value !== 'string')) fail('its metadata is no object of strings');
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
    const size = typeof dtype === 'string' ? SIZES[dtype] : undefined;
    if (size === undefined) fail(`"${name}" has the unknown dtype ${JSON.stringify(dtype)}`);
    if (!isCounts(shape) || shape.some((extent) => extent > 2 ** 31 - 1)) {
      fail(`"${name}" has the shape ${JSON.stringify(shape)}`);
    }
    if (!isCounts(offsets) || offsets.length !== 2) fail(`"${name}" has the offsets ${JSON.stringify(offsets)}`);
    const [start = 0, end = 0] = offsets as number[];
    const expected = (shape as number[]).reduce((product, extent) => product * extent, size as number);
    if (end > available || end - start !== expected) {
      fail(`"${name}" needs ${expected} bytes, but its offsets are ${start} to ${end} of ${available}`);
    }
  }
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
