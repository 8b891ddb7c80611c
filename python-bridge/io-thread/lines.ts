import { StringDecoder } from 'node:string_decoder';

/** What of a worker's stderr is passed on each second; a flood would fill the memory of a main thread that is busy. */
const BYTES_A_SECOND = 64 * 1024;
/** Longer lines are cut. */
const LONGEST = 4096;

/** Text in pieces, passed on line by line and within limits. */
export class Lines {
  readonly #pass: (text: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #second = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(pass: (text: string) => void) {
    this.#pass = pass;
  }

  push(chunk: Buffer, now = performance.now()): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = (lines.pop() as string).slice(0, LONGEST);
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#bytes = 0;
      this.#reportDropped();
    }
    for (const line of lines) {
      const text = line.trimEnd().slice(0, LONGEST);
      if (text === '') continue;
      this.#bytes += text.length;
      if (this.#bytes > BYTES_A_SECOND) this.#dropped += 1;
      else this.#pass(text);
    }
  }

  end(): void {
    this.#reportDropped();
    const text = this.#rest.trimEnd();
    this.#rest = '';
    if (text !== '') this.#pass(text);
  }

  #reportDropped(): void {
    if (this.#dropped > 0) this.#pass(`(${this.#dropped} more lines were not passed on)`);
    this.#dropped = 0;
  }
}
