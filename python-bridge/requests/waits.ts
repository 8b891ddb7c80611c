import { WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import type { Call, Reply } from './call.ts';
import { Deadline } from './deadline.ts';
import type { DirectCalls } from './direct-calls.ts';
import type { Link, Waited } from './link.ts';

/** What the I/O thread itself may take to come up. */
const THREAD_START_MS = 20_000;
/** What the main thread waits beyond a budget, which the I/O thread enforces, before it takes that for dead. */
const THREAD_GRACE_MS = 2_000;

/** What a wait needs of the conversation. */
interface Surroundings {
  /** The calls in flight that somebody waits for. */
  awaited(): readonly Call[];
  readonly direct: DirectCalls;
  link(): Link | null;
  /** The I/O thread is dead, or does not answer. */
  abandon(how: Waited, call: Call): void;
}

/** Waits for answers, asleep or in turns of the event loop. None is longer than the call's budget and a grace. */
export class Waits {
  readonly #in: Surroundings;
  /** How many are asleep, one inside the other. */
  #asleep = 0;

  constructor(surroundings: Surroundings) {
    this.#in = surroundings;
  }

  get asleep(): boolean {
    return this.#asleep > 0;
  }

  /** Sleeps until the call is done, and gives its answer or throws its error. Not beyond `limit` milliseconds. */
  wait(call: Call, limit = Number.POSITIVE_INFINITY): Reply {
    const link = this.#in.link();
    if (!call.done && link !== null) {
      const end = performance.now() + limit;
      let waited: Waited;
      this.#asleep += 1;
      try {
        waited =
          this.#in.direct.wait(call, link, Math.min(call.deadline.left + THREAD_GRACE_MS, limit)) ??
          this.#waitForThread(call, link, end);
      } finally {
        this.#asleep -= 1;
      }
      if (waited === 'late' && performance.now() >= end)
        throw new WorkerTimeoutError('no answer within the time that was left');
      if (waited !== 'done') this.#in.abandon(waited, call);
    }
    return call.outcome;
  }

  /** For an answer that comes through the I/O thread, which may have to come up first. */
  #waitForThread(call: Call, link: Link, end: number): Waited {
    if (!link.listening) {
      const limit = Math.min(THREAD_START_MS, end - performance.now());
      const waited = link.wait(() => link.listening || call.done, limit);
      if (waited !== 'done') return waited;
    }
    return link.wait(() => call.done, Math.min(call.deadline.left + THREAD_GRACE_MS, end - performance.now()));
  }

  /** The same without sleeping. Keeps the process alive until then. */
  promise(call: Call): Promise<Reply> {
    const link = this.#in.link();
    call.awaited = true;
    return new Promise((resolve, reject) => {
      link?.hold();
      let timer: NodeJS.Timeout | undefined;
      const after = (milliseconds: number, then: () => void): void => {
        // A look at what has come may have found its answer.
        if (call.done) return;
        timer = setTimeout(then, Math.min(Math.max(milliseconds, 0), 2 ** 31 - 1));
      };
      const late = (): void => {
        // This thread may have been busy for longer than that, with the answer unread.
        if (link?.wait(() => call.done, 0) !== 'done') this.#in.abandon('late', call);
      };
      const attend = (overdue: number | null): void => {
        if (overdue !== null) after(overdue, () => attend(this.#in.direct.overdue(call)));
        else after(call.deadline.left + THREAD_GRACE_MS + (link?.listening ? 0 : THREAD_START_MS), late);
      };
      attend(this.#in.direct.attend(call));
      call.onDone(() => {
        clearTimeout(timer);
        link?.release();
        try {
          resolve(call.outcome);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** Resolves when nothing is in flight any more, or after the grace, in milliseconds. */
  async drained(grace: number): Promise<void> {
    const deadline = new Deadline(grace);
    for (let calls = this.#in.awaited(); calls.length > 0 && deadline.left > 0; calls = this.#in.awaited()) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, deadline.left);
      });
      await Promise.race([Promise.allSettled(calls.map((call) => this.promise(call))), late]);
      clearTimeout(timer);
    }
  }
}
