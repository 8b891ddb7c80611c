import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

export interface JournalEntry {
  readonly call: string;
  readonly typescript: string;
  readonly python: string;
}

/** The call being made, in a file: what is left to read when the process ends in it. */
export class JournalWriter<Entry = JournalEntry> {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  write(entry: Entry): void {
    const text = Buffer.from(JSON.stringify(entry));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    writeSync(this.#file, Buffer.concat([length, text]), 0, text.length + 4, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The last call written; undefined if there is none. */
export function readJournal<Entry = JournalEntry>(path: string): Entry | undefined {
  const bytes = readFileSync(path);
  if (bytes.length < 4) return undefined;
  const length = bytes.readUInt32LE(0);
  if (length === 0 || bytes.length < length + 4) return undefined;
  return JSON.parse(bytes.subarray(4, 4 + length).toString()) as Entry;
}
