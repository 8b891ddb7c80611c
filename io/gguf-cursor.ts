import { malformed } from './reading.ts';

/** Thrown where the part of the file that was read ends, and more of it is there. */
class NeedMore extends Error {}

/** Reads a header's fields in order, from the file's first bytes. */
export class GgufCursor {
  readonly #bytes: Buffer;
  readonly #size: number;
  position = 0;

  constructor(bytes: Buffer, size: number) {
    this.#bytes = bytes;
    this.#size = size;
  }

  /** What `parse` gives, or undefined where it needs more of the file. */
  attempt<T>(parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (error instanceof NeedMore) return undefined;
      throw error;
    }
  }

  bytes(length: number): Buffer {
    const start = this.position;
    const end = start + length;
    if (end > this.#size) malformed('its header is cut off');
    if (end > this.#bytes.length) throw new NeedMore();
    this.position = end;
    return this.#bytes.subarray(start, end);
  }

  uint32(): number {
    return this.bytes(4).readUInt32LE();
  }

  uint64(): bigint {
    return this.bytes(8).readBigUInt64LE();
  }

  /** How many follow, of at least so many bytes each. */
  count(least: number): number {
    const count = this.uint64();
    const left = this.#size - this.position;
    if (count * BigInt(least) > BigInt(left)) malformed(`its header claims ${count} items in ${left} bytes`);
    return Number(count);
  }

  text(): string {
    return this.#encoded().toString('utf8');
  }

  /** Names must be sound: two broken ones could become the same. */
  name(): string {
    const bytes = this.#encoded();
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      return malformed('a name in it is not UTF-8', error);
    }
  }

  #encoded(): Buffer {
    return this.bytes(this.count(1));
  }
}
