import type { ServerResponse } from 'node:http';
import { ApiError } from './errors.ts';

/** Server-sent events. Whoever sends waits until the client has taken what was sent. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #stallTimeoutMs: number;

  /** @param signal aborts when the client is gone */
  constructor(response: ServerResponse, signal: AbortSignal, stallTimeoutMs: number) {
    this.#response = response;
    this.#signal = signal;
    this.#stallTimeoutMs = stallTimeoutMs;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      // nginx would gather the events otherwise.
      'x-accel-buffering': 'no',
    });
  }

  /** @throws the reason of the signal, once the client is gone */
  async send(data: object | string, event?: string): Promise<void> {
    this.#signal.throwIfAborted();
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    const head = event === undefined ? '' : `event: ${event}\n`;
    if (!this.#response.write(`${head}data: ${text}\n\n`)) await this.#drained();
  }

  end(): void {
    this.#response.end();
  }

  #drained(): Promise<void> {
    const response = this.#response;
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => () => {
        clearTimeout(timer);
        response.off('drain', onDrain);
        signal.removeEventListener('abort', onAbort);
        act();
      };
      const onDrain = settle(resolve);
      const onAbort = settle(() => reject(signal.reason));
      const onStall = settle(() => {
        response.destroy();
        reject(new ApiError(408, `the client took nothing for ${this.#stallTimeoutMs} ms`));
      });
      const timer = setTimeout(onStall, this.#stallTimeoutMs);
      response.once('drain', onDrain);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
