import type { MlxRouterError } from '../registry/errors.ts';
import type { Batch } from './batches/batch.ts';
import type { Deadline } from './deadline.ts';
import type { DirectLine } from './direct-line.ts';
import type { Death, Report } from './io-thread/messages.ts';

export type Reply = Extract<Report, { kind: 'frame' }>;

/** One process of a place in the pool; its successor in the same place is another incarnation. */
export interface Incarnation {
  readonly id: number;
  /** Where its process id is shared with the I/O thread. */
  readonly slot: number;
  /** Its place in the pool. */
  place: number;
  pid: number;
  /** Living tensors that it holds, copies among them. */
  tensors: number;
  /** Its objects that are referred to from here; they go with it. */
  objects: number;
  /** Requests in flight that somebody asked for. */
  pending: number;
  /** Bytes of requests in flight, and of their answers as far as known. */
  bytesInFlight: number;
  /** Callbacks that it waits for. */
  suspended: number;
  /** Calls that wait until there is room for them here; each is told to go on once. */
  readonly waiters: Set<() => void>;
  /** Requests so far. */
  requests: number;
  /** When it was ready, as `performance.now()` counts. */
  since: number;
  /** Why it is to leave once it holds nothing any more; null: it is not. */
  retiring: string | null;
  /** To be called when it holds no tensor any more. */
  onEmpty: (() => void) | null;
  /** It has been told to leave. */
  retired: boolean;
  /** Memory of its own, as the system last said. */
  residentBytes: number;
  /** How many rows of the operation table it knows. */
  defined: number;
  /** Its tensors that nobody holds any more, to be freed with the next request. */
  unfreed: number[];
  /** Tensor bytes on their way that it has not confirmed. */
  unconfirmedBytes: number;
  /** What it said of itself when it was ready. */
  facts: WorkerFacts | null;
  /** null: it lives. */
  death: Death | null;
  /** Operations that are recorded and not sent yet. */
  batch: Batch | null;
  /** The short way to it; null: there is none. */
  line: DirectLine | null;
  /** Frames sent to it through the I/O thread, and how many of them it has certainly taken. */
  posted: number;
  confirmed: number;
  /** Callbacks that are not answered, with the calls that they are part of. */
  readonly callbacks: Map<number, Call | undefined>;
  /** Called once, when it has died. */
  readonly farewells: (() => void)[];
}

export interface WorkerFacts {
  readonly mlx: string;
  readonly python: string;
  readonly blas: string;
  readonly device: 'cpu' | 'gpu';
  readonly pid: number;
}

export function newIncarnation(id: number, slot: number, place: number): Incarnation {
  return {
    id,
    slot,
    place,
    pid: 0,
    since: performance.now(),
    tensors: 0,
    objects: 0,
    batch: null,
    suspended: 0,
    pending: 0,
    bytesInFlight: 0,
    waiters: new Set(),
    requests: 0,
    defined: 0,
    unfreed: [],
    unconfirmedBytes: 0,
    line: null,
    posted: 0,
    confirmed: 0,
    callbacks: new Map(),
    retiring: null,
    onEmpty: null,
    retired: false,
    residentBytes: 0,
    facts: null,
    death: null,
    farewells: [],
  };
}

/** A request in flight. It settles once, inside whatever turn brings the answer. */
export class Call {
  readonly id: number;
  readonly worker: Incarnation;
  /** The operation's public name, for errors and telemetry. */
  readonly label: string;
  readonly deadline: Deadline;
  /** Nobody waits for it. */
  readonly background: boolean;
  /** Its answer is awaited in turns of the event loop, not slept for. */
  awaited = false;
  /** When it was sent, as `performance.now()` counts. */
  readonly sent = performance.now();
  /** Which of the frames that went through the I/O thread it is; 0: none. */
  serial = 0;
  /** It went past the I/O thread, which holds its deadline all the same. */
  watched = false;
  /** Callbacks in it that came past the I/O thread and are not answered. */
  suspended = 0;
  #reply: Reply | null = null;
  #error: MlxRouterError | null = null;
  #givenUp: { readonly reason: unknown } | null = null;
  readonly #listeners: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(id: number, worker: Incarnation, label: string, deadline: Deadline, background = false) {
    this.id = id;
    this.worker = worker;
    this.label = label;
    this.deadline = deadline;
    this.background = background;
  }

  /** What it may take, in milliseconds. */
  get budget(): number {
    return this.deadline.budget;
  }

  /** Whether nobody has to wait any longer: it has settled, or was given up. */
  get done(): boolean {
    return this.settled || this.#givenUp !== null;
  }

  /** The answer, or why there is none for those who waited. Only once done. */
  get outcome(): Reply {
    if (!this.settled && this.#givenUp !== null) throw this.#givenUp.reason;
    return this.reply;
  }

  /** Ends the wait with the reason. The request itself settles later, when its answer comes after all. */
  giveUp(reason: unknown): void {
    if (this.done) return;
    this.#givenUp = { reason };
    for (const listener of this.#waiting.splice(0)) listener();
  }

  onDone(listener: () => void): void {
    if (this.done) listener();
    else this.#waiting.push(listener);
  }

  get settled(): boolean {
    return this.#reply !== null || this.#error !== null;
  }

  /** The answer; throws what came in its place. Only once settled. */
  get reply(): Reply {
    if (this.#error !== null) throw this.#error;
    if (this.#reply === null) throw new Error('the call has not settled');
    return this.#reply;
  }

  /** Listeners are called in their order, the first before anybody who waits goes on. */
  onSettled(listener: () => void): void {
    if (this.settled) listener();
    else this.#listeners.push(listener);
  }

  settle(outcome: Reply | MlxRouterError): void {
    if (this.settled) return;
    if (outcome instanceof Error) this.#error = outcome;
    else this.#reply = outcome;
    for (const listener of this.#listeners) listener();
    for (const listener of this.#waiting.splice(0)) listener();
  }
}
