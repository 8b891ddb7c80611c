/** Runs `flush` as soon as much has gathered, and otherwise once the running code is done. Keeps no process running. */
export class Flushing {
  readonly #flush: () => void;
  readonly #most: number;
  #scheduled = false;

  constructor(flush: () => void, most: number) {
    this.#flush = flush;
    this.#most = most;
  }

  /** So many wait now. */
  gathered(count: number): void {
    if (count >= this.#most) {
      this.#flush();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#flush();
      }).unref();
    }
  }
}
