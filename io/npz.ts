import { readNpyArray } from './npy.ts';
import { malformed, type Reading, readFrom } from './reading.ts';
import { type StoredArray, type StoredFile, shown } from './stored.ts';
import { readZipEntries, readZipEntry } from './zip-reader.ts';

const EXTENSION = '.npy';

/** Reads a zip archive of npy files; the arrays have the names of the files without their extension. */
export function* readNpz(size: number): Reading<StoredFile> {
  const arrays = new Map<string, StoredArray>();
  for (const entry of yield* readZipEntries(size)) {
    const name = entry.name.endsWith(EXTENSION) ? entry.name.slice(0, -EXTENSION.length) : entry.name;
    if (arrays.has(name)) malformed(`it holds ${shown(name)} twice`);
    const bytes = yield* readZipEntry(size, entry);
    const { data, ...array } = yield* readFrom(bytes, readNpyArray(bytes.length));
    const own = Buffer.isBuffer(data) ? data : bytes.subarray(data.offset, data.offset + data.length);
    arrays.set(name, { ...array, data: own });
  }
  return { arrays, metadata: new Map() };
}
