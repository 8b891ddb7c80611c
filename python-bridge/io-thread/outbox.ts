import type { Writable } from 'node:stream';

interface Message {
  readonly call: number;
  readonly chunks: readonly Uint8Array[];
  /** The first chunk that is the call's own; those before it have to go out in any case. */
  readonly own: number;
}

/** What goes to a worker, in order. While its pipe is full it waits here, where it can still be withdrawn. */
export class Outbox {
  readonly #stream: Writable;
  #waiting: Message[] = [];
  #full = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('drain', () => this.#drain());
  }

  send(message: Message): void {
    if (this.#full) this.#waiting.push(message);
    else this.#write(message.chunks);
  }

  /** Takes a call back that was not sent; false if it has. */
  withdraw(call: number): boolean {
    const at = this.#waiting.findIndex((message) => message.call === call);
    const message = this.#waiting[at];
    if (message === undefined) return false;
    this.#waiting.splice(at, 1, { ...message, call: 0, chunks: message.chunks.slice(0, message.own) });
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
      const message = this.#waiting[sent] as Message;
      sent += 1;
      this.#write(message.chunks);
    }
    this.#waiting = this.#waiting.slice(sent);
  }
}
