// A library for GPUs of NVIDIA has each kernel once for each kind of GPU. Without those for other kinds it is packed
// into a quarter.

/** Of "fat binaries": a header of 16 bytes, then for each kind of GPU a header and its kernels. */
const MAGIC = 0xba55ed50;
const VERSION = 1;
const HEADER = 16;
/** Where the header of an entry has its own size, that of its kernels, and the kind of GPU. */
const [ENTRY_HEADER, ENTRY_SIZE, ENTRY_KIND] = [4, 8, 28] as const;

/**
 * Overwrites with zeros what is for other kinds of GPU than this, 90 for Hopper's. The driver goes by the headers, which stay as
 * they are. Gives the bytes that were kept; none is an error, for then nothing would run.
 */
export function keepKind(library: Buffer, kind: number): number {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(MAGIC);
  let kept = 0;
  for (let at = library.indexOf(magic); at >= 0; at = library.indexOf(magic, at)) {
    const isHeader = library.readUInt16LE(at + 4) === VERSION && library.readUInt16LE(at + 6) === HEADER;
    const end = isHeader ? at + HEADER + Number(library.readBigUInt64LE(at + 8)) : at + magic.length;
    for (let entry = at + HEADER; entry < end; ) {
      const start = entry + library.readUInt32LE(entry + ENTRY_HEADER);
      const next = start + Number(library.readBigUInt64LE(entry + ENTRY_SIZE));
      if (library.readUInt32LE(entry + ENTRY_KIND) === kind) kept += next - start;
      else library.fill(0, start, next);
      entry = next;
    }
    at = end;
  }
  if (kept === 0) throw new Error(`the library has no kernels for GPUs of the kind ${kind}`);
  return kept;
}
