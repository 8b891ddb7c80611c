import type { Writable } from 'node:stream';

interface Letter {
  readonly call: number;
  readonly chunks: readonly Uint8Array[];
  /** The first chunk that is the call's own; those before it have to go out in any case. */
  readonly own: number;
}

/** What goes to a worker, in order. While its pipe is full it waits here, where it can still be withdrawn. */
export class Outbox {
  readonly #stream: Writable;
  #waiting: Letter[] = [];
  #full = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('drain', () => this.#drain());
  }

  send(letter: Letter): void {
    if (this.#full) this.#waiting.push(letter);
    else this.#write(letter.chunks);
  }

  /** Takes a call back that has not gone out; false if it has. */
  withdraw(call: number): boolean {
    const at = this.#waiting.findIndex((letter) => letter.call === call);
    const letter = this.#waiting[at];
    if (letter === undefined) return false;
    this.#waiting.splice(at, 1, { ...letter, call: 0, chunks: letter.chunks.slice(0, letter.own) });
    return true;
  }

  /** Ends the stream behind all that waits. */
  end(): void {
    for (const { chunks } of this.#waiting.splice(0)) this.#write(chunks);
    this.#stream.end();
  }

  #write(chunks: readonly Uint8Array[]): void {
    if (chunks.length > 1) this.#stream.cork();
    for (const chunk of chunks) if (!this.#stream.write(chunk)) this.#full = true;
    if (chunks.length > 1) this.#stream.uncork();
  }

  #drain(): void {
    this.#full = false;
    let sent = 0;
    while (!this.#full && sent < this.#waiting.length) {
      const letter = this.#waiting[sent] as Letter;
      sent += 1;
      this.#write(letter.chunks);
    }
    this.#waiting = this.#waiting.slice(sent);
  }
}
