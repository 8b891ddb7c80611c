import { zlib } from '../foundation/system/late-modules.ts';
import { malformed, type Reading, readRange } from './reading.ts';
import { refuseMany, refuseOverlaps, shown } from './stored.ts';
import * as zip from './zip-format.ts';

/** One file of an archive, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly rawName: Buffer;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  /** The position of its local header. */
  readonly offset: number;
}

/** Deflate can shrink data to a 1032nd and no further. */
const HIGHEST_RATIO = 1032;

/** The entries of an archive of that size, checked against it: names once, ranges inside and apart, sizes possible. */
export function* readZipEntries(size: number): Reading<ZipEntry[]> {
  const { start, length, count } = yield* findDirectory(size);
  if (count * zip.CENTRAL.size > length) malformed(`its directory of ${length} bytes cannot hold ${count} entries`);
  refuseMany(count);
  const directory = yield* readRange(size, start, length);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readCentral(directory, at);
    if (names.has(entry.name)) malformed(`it holds ${shown(entry.name)} twice`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  refuseOverlaps(
    entries.map(({ name, offset, compressed, rawName }) => {
      const end = offset + zip.LOCAL.size + rawName.length + compressed;
      if (end > start) malformed(`${shown(name)} reaches into the directory`);
      return { name, start: offset, end };
    }),
  );
  return entries;
}

/** The whole content of an entry, inflated where it must be, its checksum verified. */
export function* readZipEntry(size: number, entry: ZipEntry): Reading<Buffer> {
  const what = shown(entry.name);
  const local = yield* readRange(size, entry.offset, zip.LOCAL.size + entry.rawName.length);
  const sameName = local.subarray(zip.LOCAL.size).equals(entry.rawName);
  if (local.readUInt32LE(0) !== zip.LOCAL.signature || local.readUInt16LE(26) !== entry.rawName.length || !sameName) {
    malformed(`the local header of ${what} is not where the directory says`);
  }
  const data = entry.offset + local.length + local.readUInt16LE(28);
  const stored = yield* readRange(size, data, entry.compressed);
  const bytes: Buffer =
    entry.method === zip.STORED ? stored : yield { kind: 'inflate', bytes: stored, length: entry.size };
  if (zlib().crc32(bytes) !== entry.crc) malformed(`the checksum of ${what} is wrong`);
  return bytes;
}

function* findDirectory(size: number): Reading<{ start: number; length: number; count: number }> {
  if (size < zip.END.size) malformed(`it has ${size} bytes, too few for a zip archive`);
  const tailStart = Math.max(0, size - zip.END.size - zip.FULL16);
  const tail = yield* readRange(size, tailStart, size - tailStart);
  let at = tail.length - zip.END.size;
  // The comment behind the record may hold the signature too; only the true one's comment ends with the file.
  while (
    at >= 0 &&
    !(tail.readUInt32LE(at) === zip.END.signature && at + 22 + tail.readUInt16LE(at + 20) === tail.length)
  )
    at--;
  if (at < 0) malformed('it has no zip directory');
  if (tail.readUInt16LE(at + 4) !== 0 || tail.readUInt16LE(at + 6) !== 0) malformed('it is a part of a split archive');
  const count = tail.readUInt16LE(at + 10);
  const length = tail.readUInt32LE(at + 12);
  const start = tail.readUInt32LE(at + 16);
  const locator = at - zip.LOCATOR64.size;
  const is64 = locator >= 0 && tail.readUInt32LE(locator) === zip.LOCATOR64.signature;
  const end = tailStart + at;
  if (!is64) {
    if (start + length !== end) malformed('its directory does not end where it should');
    return { start, length, count };
  }
  const record = yield* readRange(size, Number(tail.readBigUInt64LE(locator + 8)), zip.END64.size);
  if (record.readUInt32LE(0) !== zip.END64.signature) malformed('its zip64 record is not where it should be');
  const wide = {
    count: Number(record.readBigUInt64LE(32)),
    length: Number(record.readBigUInt64LE(40)),
    start: Number(record.readBigUInt64LE(48)),
  };
  if (wide.start + wide.length > end) malformed('its directory does not end where it should');
  return wide;
}

function readCentral(directory: Buffer, at: number): { entry: ZipEntry; next: number } {
  if (at + zip.CENTRAL.size > directory.length || directory.readUInt32LE(at) !== zip.CENTRAL.signature) {
    malformed('its directory is damaged');
  }
  const nameEnd = at + zip.CENTRAL.size + directory.readUInt16LE(at + 28);
  const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
  const next = extraEnd + directory.readUInt16LE(at + 32);
  if (next > directory.length) malformed('its directory is damaged');
  const rawName = directory.subarray(at + zip.CENTRAL.size, nameEnd);
  const name = decodeName(rawName);
  const flags = directory.readUInt16LE(at + 8);
  const method = directory.readUInt16LE(at + 10);
  if ((flags & (zip.FLAGS.encrypted | zip.FLAGS.strong)) !== 0) malformed(`${shown(name)} is encrypted`);
  if (method !== zip.STORED && method !== zip.DEFLATED) {
    malformed(`${shown(name)} is compressed by the method ${method}; only deflate is known`);
  }
  const wide = zip64Fields(directory.subarray(nameEnd, extraEnd));
  const field = (position: number): number => {
    const value = directory.readUInt32LE(position);
    return value === zip.FULL32 ? wide() : value;
  };
  const size = field(at + 24);
  const compressed = field(at + 20);
  const offset = field(at + 42);
  if (method === zip.STORED ? size !== compressed : size > compressed * HIGHEST_RATIO) {
    malformed(`${shown(name)} claims ${size} bytes from ${compressed}`);
  }
  const entry = { name, rawName, method, crc: directory.readUInt32LE(at + 16), compressed, size, offset };
  return { entry, next };
}

/** Gives the zip64 numbers of an entry one after the other. */
function zip64Fields(extra: Buffer): () => number {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) break;
    if (extra.readUInt16LE(at) === zip.ZIP64_EXTRA) {
      let next = at + 4;
      return () => {
        if (next + 8 > end) malformed('an entry lacks its zip64 sizes');
        next += 8;
        return Number(extra.readBigUInt64LE(next - 8));
      };
    }
    at = end;
  }
  return () => malformed('an entry lacks its zip64 sizes');
}

/** UTF-8, which holds ASCII; older code pages cannot be recognised and are refused. */
function decodeName(raw: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch (error) {
    return malformed('the name of an entry is not UTF-8', error);
  }
}
