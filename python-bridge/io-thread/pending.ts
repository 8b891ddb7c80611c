interface Entry {
  readonly call: number;
  readonly sent: number;
  readonly deadline: number;
  /** When nothing older was left before it. */
  reached: number;
}

/** The requests of one worker that wait for answers, oldest first: a worker answers in order. */
export class Pending {
  readonly #onLate: (call: number) => void;
  #entries: Entry[] = [];
  #first = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(onLate: (call: number) => void) {
    this.#onLate = onLate;
  }

  get empty(): boolean {
    return this.#first === this.#entries.length;
  }

  add(call: number, budget: number): void {
    const sent = performance.now();
    const deadline = sent + budget;
    this.#entries.push({ call, sent, deadline, reached: this.empty ? sent : 0 });
    if (deadline < this.#timerAt) this.#arm(deadline);
  }

  /** Takes the oldest request if it is this one; null for an answer that nobody waits for. */
  take(call: number): { queueWait: number; duration: number } | null {
    const entry = this.#entries[this.#first];
    if (entry?.call !== call) return null;
    const now = performance.now();
    this.#first += 1;
    const next = this.#entries[this.#first];
    if (next === undefined) {
      this.#entries = [];
      this.#first = 0;
    } else {
      next.reached = now;
      if (this.#first > 1024) {
        this.#entries = this.#entries.slice(this.#first);
        this.#first = 0;
      }
    }
    return { queueWait: entry.reached - entry.sent, duration: now - entry.sent };
  }

  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** One timer for all: it looks again when it fires, so that an answer in time costs no timer of its own. */
  #arm(deadline: number): void {
    this.#disarm();
    this.#timerAt = deadline;
    this.#timer = setTimeout(() => this.#check(), Math.min(Math.max(deadline - performance.now(), 0), 2 ** 31 - 1));
  }

  #check(): void {
    this.#timer = null;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const earliest = this.#earliest();
    if (earliest === null) return;
    if (earliest.deadline > performance.now()) {
      this.#arm(earliest.deadline);
      return;
    }
    // After a sleep of the whole computer timers come first, with the answer still unread.
    setImmediate(() => {
      if (this.#closed || !this.#entries.includes(earliest, this.#first)) this.#rearm();
      else this.#onLate(earliest.call);
    });
  }

  #rearm(): void {
    const earliest = this.#closed ? null : this.#earliest();
    if (earliest !== null && earliest.deadline < this.#timerAt) this.#arm(earliest.deadline);
  }

  #earliest(): Entry | null {
    let earliest: Entry | null = null;
    for (const entry of this.#entries.slice(this.#first)) {
      if (earliest === null || entry.deadline < earliest.deadline) earliest = entry;
    }
    return earliest;
  }
}
