import { QueueFullError } from '../../foundation/errors/errors.ts';
import type { Segment } from '../generation/segments.ts';
import { shuttingDown } from './errors.ts';
import { type AnswerRequest, type Draws, type Job, makeJob } from './job.ts';

/** What divides one model among many answers. */
export interface Scheduler {
  /** How many answers are being computed. */
  readonly running: number;
  /** How many wait for their turn. */
  readonly waiting: number;
  /**
   * Takes an answer on at once; its segments come when its turn has come.
   * @throws QueueFullError
   */
  submit(request: AnswerRequest): AsyncGenerator<Segment, void, undefined>;
  /** Takes no more on, refuses what waits, and resolves when what runs is done, or was cut after the time of grace. */
  close(graceMs: number): Promise<void>;
}

/** Computes an answer, until the signal aborts. */
export type Compute = (request: AnswerRequest, signal: AbortSignal) => AsyncGenerator<Segment, void, undefined>;

/**
 * Gives clients slots in turn. All random numbers are of one sequence, so an answer with a seed is computed while no
 * other draws.
 */
export class SlotScheduler implements Scheduler {
  readonly #compute: Compute;
  readonly #maxConcurrent: number;
  readonly #maxQueue: number;
  readonly #running = new Set<Job>();
  /** In order of arrival. */
  readonly #queue: Job[] = [];
  /** When the clients of jobs here got a slot last, as a count of slots given. */
  readonly #served = new Map<string, number>();
  #given = 0;
  #whenIdle: (() => void) | undefined;
  #isClosing = false;

  constructor(compute: Compute, { maxConcurrent, maxQueue }: { maxConcurrent: number; maxQueue: number }) {
    this.#compute = compute;
    this.#maxConcurrent = maxConcurrent;
    this.#maxQueue = maxQueue;
  }

  get running(): number {
    return this.#running.size;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  submit(request: AnswerRequest): AsyncGenerator<Segment, void, undefined> {
    request.signal.throwIfAborted();
    if (this.#isClosing) throw shuttingDown();
    if (this.running + this.waiting >= this.#maxConcurrent + this.#maxQueue) {
      throw new QueueFullError(`${this.running} answers are computed and ${this.waiting} wait; try again later`);
    }
    const job = makeJob(request);
    // An answer that was never read ends here, any other where it is computed.
    job.leave = () => {
      job.controller.abort(request.signal.reason);
      if (job.state === 'waiting' || job.state === 'started') this.#end(job);
    };
    request.signal.addEventListener('abort', job.leave, { once: true });
    this.#queue.push(job);
    this.#startNext();
    return this.#answer(job);
  }

  async *#answer(job: Job): AsyncGenerator<Segment, void, undefined> {
    const { request, controller } = job;
    try {
      await job.started;
      controller.signal.throwIfAborted();
      job.state = 'computing';
      request.onStart?.(performance.now() - job.arrived);
      yield* this.#compute(request, controller.signal);
    } finally {
      this.#end(job);
    }
  }

  #startNext(): void {
    while (this.#running.size < this.#maxConcurrent) {
      const job = this.#next();
      if (job === undefined) return;
      this.#queue.splice(this.#queue.indexOf(job), 1);
      this.#running.add(job);
      this.#served.set(job.request.client, ++this.#given);
      job.state = 'started';
      job.start();
    }
  }

  /** Of the clients that have the fewest slots, the one that was served the longest ago; its oldest job. */
  #next(): Job | undefined {
    const slots = new Map<string, number>();
    for (const { request } of this.#running) slots.set(request.client, (slots.get(request.client) ?? 0) + 1);
    const rank = ({ request: { client } }: Job) => [slots.get(client) ?? 0, this.#served.get(client) ?? 0] as const;
    let canDraw: Record<Draws, boolean> = drawable([...this.#running]);
    for (const job of [...this.#queue].sort((a, b) => compare(rank(a), rank(b)))) {
      if (canDraw[job.draws]) return job;
      // Others that draw do not go before one that has to wait for those that do now.
      canDraw = { none: true, any: false, seeded: false };
    }
    return undefined;
  }

  #end(job: Job): void {
    if (job.state === 'over') return;
    if (job.state === 'waiting') this.#queue.splice(this.#queue.indexOf(job), 1);
    job.state = 'over';
    job.request.signal.removeEventListener('abort', job.leave);
    job.refuse(job.controller.signal.reason);
    this.#running.delete(job);
    const { client } = job.request;
    const isOther = (other: Job) => other.request.client === client;
    if (!this.#queue.some(isOther) && ![...this.#running].some(isOther)) this.#served.delete(client);
    this.#startNext();
    if (this.#running.size === 0) this.#whenIdle?.();
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    for (const job of [...this.#queue]) {
      job.controller.abort(shuttingDown());
      this.#end(job);
    }
    if (this.#running.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
    const timer = setTimeout(() => {
      for (const { controller } of this.#running) controller.abort(shuttingDown());
    }, graceMs);
    await idle;
    clearTimeout(timer);
  }
}

function drawable(running: readonly Job[]): Record<Draws, boolean> {
  const isNone = running.every(({ draws }) => draws === 'none');
  return { none: true, any: running.every(({ draws }) => draws !== 'seeded'), seeded: isNone };
}

function compare(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0] || a[1] - b[1];
}
