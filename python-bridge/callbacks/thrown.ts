import type { PythonWorker, Reply } from '../requests/call.ts';
import { unpack } from '../wire/msgpack.ts';

/** What JavaScript functions threw while Python called them, kept by number as long as Python keeps its error of it. */
export class Thrown {
  readonly #errors = new Map<number, { readonly worker: PythonWorker; readonly error: unknown }>();
  readonly #behind = new WeakMap<Reply, { readonly error: unknown }>();
  #last = 0;

  /** How many are kept. */
  get size(): number {
    return this.#errors.size;
  }

  keep(worker: PythonWorker, error: unknown): number {
    this.#last += 1;
    this.#errors.set(this.#last, { worker, error });
    return this.#last;
  }

  drop(worker: PythonWorker, numbers: readonly number[]): void {
    for (const number of numbers) if (this.#errors.get(number)?.worker === worker) this.#errors.delete(number);
  }

  dropAll(worker: PythonWorker): void {
    for (const [number, kept] of this.#errors) if (kept.worker === worker) this.#errors.delete(number);
  }

  /** Notes what is behind an error frame: Python may drop its error before the frame was read. */
  claim(reply: Reply): void {
    let number: unknown;
    try {
      number = unpack(reply.header)['thrown'];
    } catch {
      // The reader of the frame reports it.
      return;
    }
    const kept = this.#errors.get(Number(number));
    if (kept?.worker.id === reply.worker) this.#behind.set(reply, kept);
  }

  /** What a JavaScript function threw, if that is what the error frame goes back to. */
  behind(reply: Reply): { readonly error: unknown } | undefined {
    return this.#behind.get(reply);
  }
}
