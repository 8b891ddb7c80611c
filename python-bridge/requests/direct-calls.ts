import { availableParallelism } from 'node:os';
import { WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import type { Command } from '../io-thread/messages.ts';
import { type Call, Deadline, type PythonWorker, type Reply } from './call.ts';
import { DirectLine, type IsReadable, type Receiver } from './direct-line.ts';
import type { Link, Waited } from './link.ts';

/** Answers that are sure to be larger would have to wait for this thread: a pipe holds 64 KiB. */
const MOST_ANSWER_BYTES = 32 * 1024;
/** What a short call may take before this thread blocks. */
const SPIN_MS = 0.5;
/** The same where it can block for the answer itself, and for how long it does: what comes from elsewhere has to wait. */
const GLANCE_MS = 0.1;
const BLOCK_MS = 5;
/** So many calls block at once at most before one looks again. */
const MOST_UNGLANCED = 64;
/** The more failed polls, one after the other, the more requests of that type go through the I/O thread at once. */
const MOST_SKIPPED = 16;
/** After that the I/O thread holds the deadline of an awaited call. */
const UNWATCHED_MS = 50;
/** How long this thread blocks at most when the worker could not be asked to ring. */
const NAP_MS = 20;

/** What polling for the answers to requests of one type has brought. */
interface Polling {
  /** How many requests go through the I/O thread after the next failed poll. */
  penalty: number;
  /** How many of them are left. */
  toSkip: number;
}

/**
 * Short requests, which pass the I/O thread by. Only those that take long are reported to it: it holds the deadlines, and wakes
 * this thread when the worker rings.
 */
export class DirectCalls {
  readonly #post: (command: Command) => void;
  readonly #glances: Glances | undefined;
  /** By type of frame. */
  readonly #polling: readonly Polling[] = Array.from({ length: 256 }, () => ({ penalty: 0, toSkip: 0 }));

  /** `isReadable`: without it nothing but reading says whether an answer is there, and this thread cannot block for one. */
  constructor(post: (command: Command) => void, isReadable?: IsReadable) {
    this.#post = post;
    this.#glances = isReadable && new Glances(isReadable);
  }

  /** Opens the line that the worker offers, if this thread could look into it while the worker runs. */
  connect(worker: PythonWorker, folder: string, maxFrameBytes: number, receiver: Receiver): void {
    if (availableParallelism() === 1) return;
    try {
      worker.connect(new DirectLine(folder, maxFrameBytes, receiver));
    } catch {
      // All goes through the I/O thread then.
    }
  }

  /** Sends a request along the line; false if it has to go through the I/O thread, which then knows what is before it. */
  send(worker: PythonWorker, call: Call | null, type: number, chunks: readonly Uint8Array[], answerBytes = 0): boolean {
    const { line } = worker;
    if (line === null) return false;
    const polling = this.#polling[type] as Polling;
    let direct = false;
    // What is still on the other way was sent before, and has to arrive before.
    if (worker.confirmed === worker.posted && answerBytes <= MOST_ANSWER_BYTES) {
      if (polling.toSkip > 0) polling.toSkip -= 1;
      else direct = line.send(chunks);
    }
    if (!direct) for (const other of line.calls.keys()) this.watch(other);
    else if (call !== null) line.calls.set(call, type);
    return direct;
  }

  /** Blocks until the call is done. Polls before it does. Undefined: the call did not go along a line. */
  wait(call: Call, link: Link, limit: number): Waited | undefined {
    const { line } = call.worker;
    const type = line?.calls.get(call);
    if (line === null || type === undefined) return undefined;
    const polling = this.#polling[type] as Polling;
    const end = performance.now() + limit;
    while (!call.done) {
      if (this.#glances?.wait(line, call) ?? pollUntil(line, call, SPIN_MS)) {
        polling.penalty = 0;
        break;
      }
      polling.toSkip = Math.min(polling.penalty, MOST_SKIPPED);
      polling.penalty = Math.max(1, 2 * polling.penalty);
      this.watch(call);
      const nap = line.ring() ? Number.POSITIVE_INFINITY : NAP_MS;
      const left = end - performance.now();
      const waited = link.wait(() => call.done || line.rung, Math.min(nap, left), false);
      if (waited === 'ended' || (waited === 'late' && left <= nap)) return waited;
    }
    // Between calls that never block, reports of releases would pile up.
    link.glance();
    return 'done';
  }

  /** The answer may come in any turn. Milliseconds after which `overdue` is to be called; null: never. */
  attend(call: Call): number | null {
    const { line } = call.worker;
    if (line?.calls.has(call) !== true) return null;
    line.attend();
    return UNWATCHED_MS;
  }

  /** The answer has not come so far. Milliseconds after which to call again, or null. */
  overdue(call: Call): number | null {
    // This thread may have been busy all the time, with the answer unread.
    call.worker.line?.look();
    const { left } = call.deadline;
    if (call.suspended > 0 && left > 0) return left;
    this.#hold(call);
    return null;
  }

  /** Lets the I/O thread hold the deadline of a call. */
  watch(call: Call): void {
    // One that waits for a callback is not what its worker is busy with.
    if (call.suspended === 0) this.#hold(call);
  }

  /** The call is answered. */
  settled(call: Call): void {
    if (call.worker.line?.calls.delete(call) === true && call.watched) this.#unwatch(call);
  }

  /** A callback came along the line, in that call. */
  suspended(worker: PythonWorker, callback: number, call: Call | undefined): void {
    worker.line?.callbacks.set(callback, call);
    if (call === undefined) return;
    if (call.watched) this.#unwatch(call);
    call.suspended += 1;
  }

  /** Answers a callback along the line; false if the I/O thread has to do that. */
  resume(worker: PythonWorker, callback: number, type: number, chunks: readonly Uint8Array[]): boolean {
    const { line } = worker;
    if (line?.callbacks.has(callback) !== true) return false;
    const call = line.callbacks.get(callback);
    line.callbacks.delete(callback);
    if (call !== undefined) call.suspended -= 1;
    if (call !== undefined && call.deadline.left <= 0) {
      // Too late for an answer: the I/O thread ends the call.
      this.#hold(call);
      return true;
    }
    const direct = this.send(worker, null, type, chunks);
    // A call that is awaited in turns of the event loop has no thread that polls for it.
    if (call?.awaited === true) this.watch(call);
    return direct;
  }

  #hold(call: Call): void {
    if (call.watched || call.worker.line?.calls.has(call) !== true) return;
    call.watched = true;
    this.#post({ kind: 'watch', worker: call.worker.id, call: call.id, budget: call.deadline.left });
  }

  #unwatch(call: Call): void {
    call.watched = false;
    this.#post({ kind: 'unwatch', worker: call.worker.id, call: call.id });
  }
}

/** Looks again and again; false if the call is not done by then. */
function pollUntil(line: DirectLine, call: Call, milliseconds: number): boolean {
  const until = performance.now() + milliseconds;
  do {
    line.look();
    if (call.done) return true;
  } while (line.open && performance.now() < until);
  return false;
}

/**
 * As `pollUntil` for a moment; then blocks, so that others get the core, which may be what the worker waits for. The more
 * glances were in vain, one after the other, the more calls block at once.
 */
class Glances {
  readonly #isReadable: IsReadable;
  #penalty = 0;
  #toSkip = 0;

  constructor(isReadable: IsReadable) {
    this.#isReadable = isReadable;
  }

  wait(line: DirectLine, call: Call): boolean {
    const start = performance.now();
    const glanced = this.#toSkip > 0 ? start : start + GLANCE_MS;
    if (this.#toSkip > 0) this.#toSkip -= 1;
    const until = start + Math.min(BLOCK_MS, Math.max(call.deadline.left, 0));
    let now = start;
    while (!call.done && line.open) {
      if (this.#isReadable(line.answers, now < glanced ? 0 : until - now)) line.look();
      now = performance.now();
      if (now >= until) break;
    }
    if (glanced > start) {
      this.#penalty = now < glanced ? 0 : Math.min(MOST_UNGLANCED, Math.max(1, 2 * this.#penalty));
      this.#toSkip = this.#penalty;
    }
    return call.done;
  }
}

/** What the I/O thread itself may take to come up. */
const THREAD_START_MS = 20_000;
/** What the main thread waits beyond a budget, which the I/O thread enforces, before it takes that for blocked. */
const THREAD_GRACE_MS = 2_000;

/** What a wait needs of the conversation. */
interface Surroundings {
  /** The calls in flight that are awaited. */
  awaited(): readonly Call[];
  readonly direct: DirectCalls;
  /** The I/O thread has exited, or does not answer. */
  abandon(how: Waited, call: Call): void;
}

/** Waits for answers, blocked or in turns of the event loop. None is longer than the call's budget and a grace. */
export class Waits {
  readonly #in: Surroundings;
  /** null: the I/O thread does not run. */
  link: Link | null = null;
  /** How many are blocked, one inside the other. */
  #blocked = 0;

  constructor(surroundings: Surroundings) {
    this.#in = surroundings;
  }

  get blocked(): boolean {
    return this.#blocked > 0;
  }

  /** Blocks until the call is done, and gives its answer or throws its error. Not beyond `limit` milliseconds. */
  wait(call: Call, limit = Number.POSITIVE_INFINITY): Reply {
    const link = this.link;
    if (!call.done && link !== null) {
      const end = performance.now() + limit;
      let waited: Waited;
      this.#blocked += 1;
      try {
        waited =
          this.#in.direct.wait(call, link, Math.min(call.deadline.left + THREAD_GRACE_MS, limit)) ??
          this.#waitForThread(call, link, end);
      } finally {
        this.#blocked -= 1;
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

  /** The same without blocking. Keeps the process alive until then. */
  promise(call: Call): Promise<Reply> {
    const link = this.link;
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
