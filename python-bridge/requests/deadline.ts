/** Until when one call may take: waiting, transfer and computing together. Times are in milliseconds. */
export class Deadline {
  readonly #limit: number;
  #at: number;
  /** What the call may take in all, for people. */
  readonly budget: number;

  /** `limit`: what no start of a worker moves, as `performance.now()` counts. */
  constructor(budget: number, limit = Number.POSITIVE_INFINITY) {
    const now = performance.now();
    this.#limit = limit;
    this.#at = Math.min(now + budget, limit);
    this.budget = Math.max(0, Math.round(this.#at - now));
  }

  static never(): Deadline {
    return new Deadline(Number.POSITIVE_INFINITY);
  }

  get left(): number {
    return this.#at - performance.now();
  }

  /** What is left until the limit, which a worker's start counts against as well. */
  get leftToStart(): number {
    return this.#limit - performance.now();
  }

  /** Time that a worker took to start is not the call's own. */
  excuse(milliseconds: number): void {
    this.#at = Math.min(this.#at + milliseconds, this.#limit);
  }
}
