import { zlib } from '../foundation/system/late-modules.ts';
import type { Writing } from './writing.ts';
import * as zip from './zip-format.ts';

/** A file for an archive: its content is made when its turn comes. */
export interface ZipFile {
  readonly name: string;
  readonly size: number;
  /** Yields the content part by part to `use`. */
  content(use: (bytes: Buffer, last: boolean) => Writing): Writing;
}

interface Written {
  readonly name: Buffer;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
  readonly wide: boolean;
}

const VERSION = 20;
const VERSION64 = 45;
/** The first day of zip's calendar: archives of equal arrays are equal. */
const DATE = (1 << 5) | 1;
const OWNER_ONLY = 0o100600 * 2 ** 16;
const UNIX = 3 << 8;

/**
 * An archive, written from front to back, so that a stream can take it: sizes and checksums follow each file's data.
 * `limit` is where zip64 begins.
 */
export function* writeZip(files: readonly ZipFile[], compress: boolean, limit = zip.FULL32): Writing {
  const method = compress ? zip.DEFLATED : zip.STORED;
  const written: Written[] = [];
  let position = 0;
  function* emit(bytes: Buffer): Writing {
    position += bytes.length;
    yield { kind: 'write', bytes };
  }
  for (const file of files) {
    const name = Buffer.from(file.name);
    // Deflate makes what it cannot shrink a little larger.
    const wide = file.size + file.size / 1024 + 1024 > limit;
    const offset = position;
    yield* emit(localHeader(name, method, wide));
    const start = position;
    let crc = 0;
    let size = 0;
    yield* file.content(function* (bytes, last) {
      // Of no bytes that have no memory either, zlib's sum starts anew.
      if (bytes.length > 0) crc = zlib().crc32(bytes, crc);
      size += bytes.length;
      yield* emit(compress ? yield { kind: 'deflate', bytes, last } : bytes);
    });
    const compressed = position - start;
    yield* emit(descriptor(crc, compressed, size, wide));
    written.push({ name, crc, compressed, size, offset, wide });
  }
  const start = position;
  for (const entry of written) yield* emit(centralHeader(entry, method, limit));
  const length = position - start;
  if (written.length >= zip.FULL16 || start >= limit || length >= limit) {
    yield* emit(end64(written.length, length, start, position));
  }
  yield* emit(end(written.length, length, start, limit));
}

function localHeader(name: Buffer, method: number, wide: boolean): Buffer {
  const header = Buffer.alloc(zip.LOCAL.size);
  header.writeUInt32LE(zip.LOCAL.signature, 0);
  header.writeUInt16LE(wide ? VERSION64 : VERSION, 4);
  header.writeUInt16LE(zip.FLAGS.descriptor | zip.FLAGS.utf8, 6);
  header.writeUInt16LE(method, 8);
  header.writeUInt16LE(DATE, 12);
  if (wide) header.fill(0xff, 18, 26);
  header.writeUInt16LE(name.length, 26);
  // Zeros for two sizes mean to a reader that the descriptor's are of eight bytes.
  const extra = wide ? zip64Extra([0, 0]) : Buffer.alloc(0);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

function descriptor(crc: number, compressed: number, size: number, wide: boolean): Buffer {
  const record = Buffer.alloc(wide ? 24 : 16);
  record.writeUInt32LE(zip.DESCRIPTOR.signature, 0);
  record.writeUInt32LE(crc, 4);
  if (wide) {
    record.writeBigUInt64LE(BigInt(compressed), 8);
    record.writeBigUInt64LE(BigInt(size), 16);
  } else {
    record.writeUInt32LE(compressed, 8);
    record.writeUInt32LE(size, 12);
  }
  return record;
}

function centralHeader(entry: Written, method: number, limit: number): Buffer {
  const { name, crc, compressed, size, offset } = entry;
  const wideFields: number[] = [];
  const field = (value: number): number => {
    if (value < limit) return value;
    wideFields.push(value);
    return zip.FULL32;
  };
  const header = Buffer.alloc(zip.CENTRAL.size);
  header.writeUInt32LE(zip.CENTRAL.signature, 0);
  header.writeUInt16LE(VERSION64 | UNIX, 4);
  header.writeUInt16LE(zip.FLAGS.descriptor | zip.FLAGS.utf8, 8);
  header.writeUInt16LE(method, 10);
  header.writeUInt16LE(DATE, 14);
  header.writeUInt32LE(crc, 16);
  // The order in which zip64 lists them.
  header.writeUInt32LE(field(size), 24);
  header.writeUInt32LE(field(compressed), 20);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(OWNER_ONLY, 38);
  header.writeUInt32LE(field(offset), 42);
  const extra = wideFields.length > 0 ? zip64Extra(wideFields) : Buffer.alloc(0);
  header.writeUInt16LE(entry.wide || extra.length > 0 ? VERSION64 : VERSION, 6);
  header.writeUInt16LE(extra.length, 30);
  return Buffer.concat([header, name, extra]);
}

function zip64Extra(fields: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + fields.length * 8);
  extra.writeUInt16LE(zip.ZIP64_EXTRA, 0);
  extra.writeUInt16LE(fields.length * 8, 2);
  for (const [i, value] of fields.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + i * 8);
  return extra;
}

/** The zip64 record of the directory, and what points to it. */
function end64(count: number, length: number, start: number, position: number): Buffer {
  const record = Buffer.alloc(zip.END64.size + zip.LOCATOR64.size);
  record.writeUInt32LE(zip.END64.signature, 0);
  record.writeBigUInt64LE(BigInt(zip.END64.size - 12), 4);
  record.writeUInt16LE(VERSION64 | UNIX, 12);
  record.writeUInt16LE(VERSION64, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(length), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  record.writeUInt32LE(zip.LOCATOR64.signature, 56);
  record.writeBigUInt64LE(BigInt(position), 64);
  record.writeUInt32LE(1, 72);
  return record;
}

function end(count: number, length: number, start: number, limit: number): Buffer {
  const record = Buffer.alloc(zip.END.size);
  record.writeUInt32LE(zip.END.signature, 0);
  record.writeUInt16LE(Math.min(count, zip.FULL16), 8);
  record.writeUInt16LE(Math.min(count, zip.FULL16), 10);
  record.writeUInt32LE(length < limit ? length : zip.FULL32, 12);
  record.writeUInt32LE(start < limit ? start : zip.FULL32, 16);
  return record;
}
