import type { RequestObserver } from '../../backend/observer.ts';
import type { PythonWorker } from '../requests/call.ts';

/** One call that waits to become part of a batch. */
export interface Waiting {
  readonly args: readonly unknown[];
  readonly result: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly observer: RequestObserver | undefined;
  /** Where its batch went. */
  at: PythonWorker | null;
}

/** `observer` follows it until it has its result. */
export function newWaiting(args: readonly unknown[], observer: RequestObserver | undefined): Waiting {
  let settle: Pick<Waiting, 'resolve' | 'reject'> | null = null;
  const result = new Promise<unknown>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const waiting: Waiting = {
    args,
    result,
    observer,
    at: null,
    ...(settle as unknown as Pick<Waiting, 'resolve' | 'reject'>),
  };
  const place = () => (waiting.at === null ? {} : { worker: waiting.at.place, pid: waiting.at.pid });
  result.then(
    () => observer?.ended(place()),
    (error: unknown) => observer?.ended({ ...place(), error }),
  );
  return waiting;
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

  add(call: Waiting): void {
    this.#calls.push(call);
    if (this.#calls.length >= this.#size) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#maxWaitMs);
  }

  /** The call is no longer awaited. One that was sent runs to its end, and its result is dropped. */
  withdraw(call: Waiting, reason: unknown): void {
    if (!this.#calls.includes(call)) return;
    this.#calls = this.#calls.filter((other) => other !== call);
    call.reject(reason);
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const calls = this.#calls;
    this.#calls = [];
    if (calls.length > 0) this.#send(calls);
  }
}
