import { QueueFullError, WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import type { Deadline, PythonWorker } from './call.ts';

/** Requests, and bytes of them and of their answers, that may be on their way to one worker. */
const MOST_REQUESTS = 1024;
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Back-pressure for calls that no thread blocks for: beyond the limits they wait here, in order, where they hold neither
 * pipe nor worker. Calls that a thread blocks for need none: there is only one of them at a time.
 */
export class Flow {
  readonly #mostWaiting: () => number;
  /** Whether no call waits, so that none has to be released. */
  isIdle = true;
  /** Whose next call was released and has not been sent. */
  readonly #passing = new Set<PythonWorker>();
  readonly #refusals = new Set<(reason: unknown) => void>();
  /** Calls that wait for room, by worker; each is released once. */
  readonly #waiters = new Map<PythonWorker, Set<() => void>>();

  constructor(mostWaiting: () => number) {
    this.#mostWaiting = mostWaiting;
  }

  /** Calls that wait for room. */
  get waiting(): number {
    return this.#refusals.size;
  }

  /** A worker that waits for a callback takes what the callback asks for, or both would wait without end. */
  isFull(worker: PythonWorker): boolean {
    if (worker.exit !== null || worker.suspended > 0) return false;
    return worker.pending >= MOST_REQUESTS || worker.bytesInFlight >= MOST_BYTES;
  }

  /** Resolves when the worker has room, or has exited. @throws QueueFullError, WorkerTimeoutError, the signal's reason. */
  room(worker: PythonWorker, deadline: Deadline, label: string, signal?: AbortSignal): Promise<void> {
    const most = this.#mostWaiting();
    const details = { operation: label, implementation: 'python' as const };
    if (this.waiting >= most) {
      const text = `${most} calls wait for room in the Python workers already ("maxQueue"); await some of them first`;
      return Promise.reject(new QueueFullError(text, details));
    }
    return new Promise<void>((resolve, reject) => {
      const waiters = this.#waiters.get(worker) ?? new Set();
      const leave = (): void => {
        this.#refusals.delete(refuse);
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        waiters.delete(enter);
        if (waiters.size === 0) this.#waiters.delete(worker);
        this.#look();
      };
      const enter = (): void => {
        leave();
        resolve();
      };
      const refuse = (reason: unknown): void => {
        leave();
        reject(reason as Error);
      };
      const abort = (): void => refuse(signal?.reason);
      const late = (): void =>
        refuse(new WorkerTimeoutError(`found no room in a Python worker within ${deadline.budget} ms`, details));
      const timer = setTimeout(late, Math.max(0, Math.min(deadline.left, 2 ** 31 - 1)));
      signal?.addEventListener('abort', abort, { once: true });
      waiters.add(enter);
      this.#waiters.set(worker, waiters);
      this.#refusals.add(refuse);
      this.isIdle = false;
    });
  }

  /**
   * To be called when something was sent or answered: lets the next one go, if there is room. One at a time, or those that
   * find no room after all would wait again behind the others.
   */
  pass(worker: PythonWorker, sent: boolean): void {
    if (sent) this.#passing.delete(worker);
    this.#look();
    const waiters = this.#waiters.size === 0 ? undefined : this.#waiters.get(worker);
    if (waiters === undefined || this.isFull(worker) || this.#passing.has(worker)) return;
    this.#passing.add(worker);
    this.isIdle = false;
    // It may come to nothing.
    setImmediate(() => this.pass(worker, true));
    const [next] = waiters;
    next?.();
  }

  #look(): void {
    this.isIdle = this.#waiters.size === 0 && this.#passing.size === 0;
  }

  /** Releases all calls that wait for a worker which has exited. */
  exited(worker: PythonWorker): void {
    for (const enter of [...(this.#waiters.get(worker) ?? [])]) enter();
  }

  /** Turns away all that wait. */
  refuse(reason: unknown): void {
    for (const refuse of [...this.#refusals]) refuse(reason);
  }
}
