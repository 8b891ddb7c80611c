/** The last bytes of a stream, as text. */
export class Tail {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Joined now and then only, so that a worker which floods its stderr costs little.
    if (this.#bytes > 2 * this.#limit) {
      const end = Buffer.concat(this.#chunks).subarray(-this.#limit);
      this.#chunks = [Uint8Array.from(end)];
      this.#bytes = end.length;
    }
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-this.#limit).toString('utf8').trimEnd();
  }
}
