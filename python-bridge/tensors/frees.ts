import type { PythonWorker } from '../requests/call.ts';
import { Flushing } from './flushing.ts';

/** How many frees may wait for the next request before they are sent by themselves. */
const FREES_AT_ONCE = 256;

/** What workers are asked to free: with a batch or the next request, or by itself where neither comes soon. */
export class Frees {
  readonly #flushing: Flushing;

  constructor(flush: () => void) {
    this.#flushing = new Flushing(flush, FREES_AT_ONCE);
  }

  /** The worker frees so many tensors, by their numbers there, before it runs anything that is asked from now on. */
  add(worker: PythonWorker, first: number, count = 1): void {
    if (worker.exit !== null) return;
    if (worker.batch !== null) {
      worker.batch.free(first, count);
      return;
    }
    this.#flushing.gathered(worker.free(first, count));
  }
}
