/** One call that waits to become part of a batch. */
export interface Waiting {
  readonly args: readonly unknown[];
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects single calls: a batch goes when it is full, or when its first call has waited long enough. */
export class Batcher {
  readonly #size: number;
  readonly #maxWaitMs: number;
  readonly #send: (calls: readonly Waiting[]) => void;
  #calls: Waiting[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(size: number, maxWaitMs: number, send: (calls: readonly Waiting[]) => void) {
    this.#size = size;
    this.#maxWaitMs = maxWaitMs;
    this.#send = send;
  }

  add(args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#calls.push({ args, resolve, reject });
      if (this.#calls.length >= this.#size) this.flush();
      else this.#timer ??= setTimeout(() => this.flush(), this.#maxWaitMs);
    });
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const calls = this.#calls;
    this.#calls = [];
    if (calls.length > 0) this.#send(calls);
  }
}
