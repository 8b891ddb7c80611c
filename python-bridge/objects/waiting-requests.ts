import type { Lineage } from '../recovery/lineage.ts';
import { Trial } from '../recovery/trial.ts';
import { exitBehind } from '../requests/failures.ts';

/** Requests about objects that may be sent again, as long as their worker has not come to them. */
export class WaitingRequests {
  readonly #lineage: Lineage;

  constructor(lineage: Lineage) {
    this.#lineage = lineage;
  }

  /**
   * Asks again if the worker exits because of something older while the request waits behind it. One that had begun fails: nobody
   * knows what it has done. `ask` chooses the worker each time.
   */
  async insist<T>(ask: () => Promise<T>): Promise<T> {
    const trial = new Trial();
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!this.#lineage.enabled || exitBehind(error)?.suspect !== false) throw error;
        trial.again(error);
      }
    }
  }
}
