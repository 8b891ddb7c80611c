interface Entry {
  /** `RESUME`: the answer to a callback. */
  readonly call: number;
  /** Of an answer to a callback: which one. */
  readonly resumes: number;
  readonly sent: number;
  readonly budget: number;
  deadline: number;
  /** When nothing older was left before it. */
  reached: number;
  /** It is no longer awaited. */
  abandoned: boolean;
  /** It went past this thread, and so will its answer. */
  readonly direct: boolean;
}

/** A request during which the worker waits for the answer to a callback. */
interface Suspended {
  readonly entry: Entry;
  readonly callback: number;
  /** Whether the worker has the answer, and goes on once nothing inside is left. */
  answered: boolean;
}

const RESUME = -1;

/**
 * What one worker has been sent and has not dealt with, oldest first: it does one thing after the other. A request that
 * calls back is set aside until the worker has the answer to the callback; those set aside later go on first.
 */
export class Pending {
  readonly #onLate: (call: number) => void;
  #entries: Entry[] = [];
  #first = 0;
  readonly #suspended: Suspended[] = [];
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(onLate: (call: number) => void) {
    this.#onLate = onLate;
  }

  get empty(): boolean {
    return this.#entries.length === 0 && this.#suspended.length === 0;
  }

  /** `direct`: neither its answer nor its callbacks will come through here. */
  add(call: number, budget: number, direct = false): void {
    const sent = performance.now();
    const deadline = sent + budget;
    const idle = this.#entries.length === 0;
    this.#entries.push({
      call,
      resumes: 0,
      sent,
      budget,
      deadline,
      reached: idle ? sent : 0,
      abandoned: false,
      direct,
    });
    if (deadline < this.#timerAt) this.#arm(deadline);
  }

  /** The answer to a callback is on its way. */
  resume(callback: number): void {
    const sent = performance.now();
    const never = Number.POSITIVE_INFINITY;
    this.#entries.push({
      call: RESUME,
      resumes: callback,
      sent,
      budget: never,
      deadline: never,
      reached: sent,
      abandoned: false,
      direct: false,
    });
  }

  /** The worker calls back; gives the request that it is busy with, or null if it should be idle. */
  suspend(callback: number): number | null {
    this.#passDirect();
    const entry = this.#running();
    if (entry === null) return null;
    this.#finish();
    this.#suspended.push({ entry, callback, answered: false });
    return entry.call;
  }

  /** Takes the request that the worker is busy with if it is this one; null for an answer that is not awaited. */
  take(call: number): { queueWait: number; duration: number } | null {
    if (this.#running()?.call !== call && this.#entries.some((entry) => entry.call === call)) this.#passDirect();
    const entry = this.#running();
    if (entry?.call !== call) return null;
    this.#finish();
    return { queueWait: entry.reached - entry.sent, duration: performance.now() - entry.sent };
  }

  /** The request that the worker is busy with, or waits for a callback in; null if it should be idle. */
  get busy(): Readonly<Entry> | null {
    return this.#running() ?? this.#suspended.at(-1)?.entry ?? null;
  }

  hasBegun(call: number): boolean {
    return this.busy?.call === call || this.#suspended.some(({ entry }) => entry.call === call);
  }

  /** Whether the worker is busy with this one, and nothing else is left. */
  isOnly(call: number): boolean {
    return this.#running()?.call === call && this.#open().length === 1;
  }

  /** Forgets a request that never went out. */
  withdraw(call: number): void {
    const at = this.#entries.findIndex((entry, index) => index >= this.#first && entry.call === call);
    if (at === -1) return;
    this.#entries.splice(at, 1);
    if (this.#first === this.#entries.length) this.#rewind();
    else this.#reach();
  }

  /** This one is no longer awaited. One that has not begun gets its whole budget when it does. */
  abandon(call: number): void {
    const entry = this.#open().find((other) => other.call === call);
    if (entry === undefined) return;
    entry.abandoned = true;
    if (!this.hasBegun(call)) entry.deadline = Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  /** What comes after them shows that they are answered, or wait for callbacks. */
  #passDirect(): void {
    while (this.#running()?.direct === true) this.#finish();
  }

  #running(): Entry | null {
    for (;;) {
      const innermost = this.#suspended.at(-1);
      if (innermost?.answered === true) return innermost.entry;
      const head = this.#entries[this.#first];
      if (head === undefined) return null;
      if (head.call !== RESUME) return head;
      // The worker takes it and reads on, unless it is for the innermost.
      const resumed = this.#suspended.find(({ callback }) => callback === head.resumes);
      if (resumed !== undefined) resumed.answered = true;
      this.#shift();
    }
  }

  /** The worker is done with what it was busy with. */
  #finish(): void {
    if (this.#suspended.at(-1)?.answered === true) this.#suspended.pop();
    else this.#shift();
    this.#reach();
  }

  /** The worker comes to what is now the oldest. */
  #reach(): void {
    const next = this.#entries[this.#first];
    if (next === undefined || next.reached !== 0) return;
    next.reached = performance.now();
    if (!next.abandoned) return;
    next.deadline = next.reached + next.budget;
    if (next.deadline < this.#timerAt) this.#arm(next.deadline);
  }

  #rewind(): void {
    this.#entries = [];
    this.#first = 0;
  }

  #shift(): void {
    this.#first += 1;
    if (this.#first === this.#entries.length) {
      this.#rewind();
    } else if (this.#first > 1024) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
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
    if (earliest === null || earliest.deadline === Number.POSITIVE_INFINITY) return;
    if (earliest.deadline > performance.now()) {
      this.#arm(earliest.deadline);
      return;
    }
    // After the whole computer was suspended timers come first, with the answer still unread.
    setImmediate(() => {
      if (!this.#closed && this.#open().includes(earliest)) this.#onLate(earliest.call);
      this.#rearm();
    });
  }

  #rearm(): void {
    const earliest = this.#closed ? null : this.#earliest();
    if (earliest !== null && earliest.deadline < this.#timerAt) this.#arm(earliest.deadline);
  }

  /** The requests without an answer. */
  #open(): Entry[] {
    const queued = this.#entries.slice(this.#first).filter(({ call }) => call !== RESUME);
    return [...this.#suspended.map(({ entry }) => entry), ...queued];
  }

  #earliest(): Entry | null {
    let earliest: Entry | null = null;
    for (const entry of this.#open()) {
      if (earliest === null || entry.deadline < earliest.deadline) earliest = entry;
    }
    return earliest;
  }
}
