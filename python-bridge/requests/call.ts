import type { MlxRouterError } from '../../foundation/errors/errors.ts';
import type { Report, WorkerExit } from '../io-thread/messages.ts';
import type { Batch } from '../pipelines/batch.ts';
import type { DirectLine } from './direct-line.ts';

export type Reply = Extract<Report, { kind: 'frame' }>;

export interface WorkerFacts {
  readonly mlx: string;
  readonly python: string;
  readonly blas: string;
  readonly device: 'cpu' | 'gpu';
  readonly pid: number;
}

/** What is known here of one process of a place in the pool. */
class WorkerRecord {
  readonly id: number;
  /** Where its process id is shared with the I/O thread. */
  readonly slot: number;
  /** Its place in the pool. */
  place: number;
  pid = 0;
  /** When it was ready, as `performance.now()` counts. */
  since = performance.now();
  /** What it said of itself when it was ready. */
  facts: WorkerFacts | null = null;
  /** null: it runs. */
  exit: WorkerExit | null = null;
  /** Existing tensors that it holds, copies among them. */
  tensors = 0;
  /** Its objects that are referred to from here; they go with it. */
  objects = 0;
  /** Requests in flight that are awaited. */
  pending = 0;
  /** Bytes of requests in flight, and of their answers as far as known. */
  bytesInFlight = 0;
  /** Tensor bytes on their way that it has not confirmed. */
  unconfirmedBytes = 0;
  /** Requests so far, and answers since it was greeted. */
  requests = 0;
  answers = 0;
  /** Callbacks that it waits for. */
  suspended = 0;
  /** Frames sent to it through the I/O thread, and how many of them it has certainly taken. */
  posted = 0;
  confirmed = 0;
  /** How many rows of the operation table it knows. */
  defined = 0;
  /** Memory of its own, as the system last said. */
  residentBytes = 0;
  /** Why it is to leave once it holds nothing any more; null: it is not. */
  retiring: string | null = null;
  /** It was asked to exit. */
  retired = false;
  /** Operations that are recorded and not sent yet. */
  batch: Batch | null = null;
  /** The short way to it; null: there is none. */
  line: DirectLine | null = null;
  #unfreed: number[] = [];
  /** Callbacks that are not answered, with the calls that they are part of. */
  readonly #callbacks = new Map<number, Call | undefined>();
  readonly #exitListeners: (() => void)[] = [];
  #onEmpty: (() => void) | null = null;

  constructor(id: number, slot: number, place: number) {
    this.id = id;
    this.slot = slot;
    this.place = place;
  }

  /** It has answered the handshake. */
  handshakeDone(facts: WorkerFacts): void {
    this.facts = facts;
    this.pid = facts.pid;
    this.since = performance.now();
  }

  moveTo(place: number): void {
    this.place = place;
  }

  connect(line: DirectLine): void {
    this.line = line;
  }

  /** It knows so many rows of the operation table from now on. */
  learn(rows: number): void {
    this.defined = rows;
  }

  record(batch: Batch | null): void {
    this.batch = batch;
  }

  /** A request is on its way to it. */
  sent(call: Call): void {
    if (!call.background) this.pending += 1;
    this.requests += 1;
    this.bytesInFlight += call.bytes;
  }

  /** A request that was on its way is not any more. Its answer shows what was taken before it. */
  settled(call: Call, isAnswered: boolean): void {
    if (isAnswered && call.serial > this.confirmed) this.confirmed = call.serial;
    // The handshake proves nothing yet.
    if (isAnswered && this.facts !== null) this.answers += 1;
    this.bytesInFlight -= call.bytes;
    if (!call.background && this.exit === null) this.pending -= 1;
  }

  /** Counts a frame that goes through the I/O thread, and gives its number. */
  post(): number {
    this.posted += 1;
    return this.posted;
  }

  /** Tensor bytes are on their way, or arrived. */
  carry(bytes: number): void {
    this.unconfirmedBytes += bytes;
  }

  measured(bytes: number): void {
    this.residentBytes = bytes;
  }

  /** It calls back, in that call. */
  called(callback: number, call: Call | undefined): void {
    this.#callbacks.set(callback, call);
  }

  /** The callback is answered; gives the call that it was part of. */
  resumed(callback: number): Call | undefined {
    const call = this.#callbacks.get(callback);
    this.#callbacks.delete(callback);
    return call;
  }

  /** A function that it called runs, or has run. */
  suspend(): void {
    this.suspended += 1;
  }

  resume(): void {
    this.suspended -= 1;
  }

  holdTensor(): void {
    this.tensors += 1;
  }

  releaseTensor(): void {
    this.tensors -= 1;
    if (this.tensors === 0) this.#onEmpty?.();
  }

  holdObject(): void {
    this.objects += 1;
  }

  releaseObject(): void {
    this.objects -= 1;
  }

  /** It is to free these tensors with the next request; gives how many there are now. */
  free(first: number, count: number): number {
    for (let id = first; id < first + count; id++) this.#unfreed.push(id);
    return this.#unfreed.length;
  }

  /** The tensors that it was not asked to free yet; null: there are none. */
  takeUnfreed(): readonly number[] | null {
    if (this.#unfreed.length === 0) return null;
    const tensors = this.#unfreed;
    this.#unfreed = [];
    return tensors;
  }

  /** It is to leave once it holds nothing; `onEmpty`: it holds no tensor any more. */
  retire(reason: string, onEmpty: () => void): void {
    this.retiring = reason;
    this.#onEmpty = onEmpty;
  }

  leave(): void {
    this.retired = true;
  }

  onExit(listener: () => void): void {
    this.#exitListeners.push(listener);
  }

  die(exit: WorkerExit): void {
    this.exit = exit;
    this.line?.close();
    this.#unfreed = [];
    this.pending = 0;
  }

  /** To be called once, when what was in flight has failed. */
  announceExit(): void {
    for (const listener of this.#exitListeners.splice(0)) listener();
  }
}

/**
 * One process of a place in the pool; its successor in the same place has a record of its own. Only its own methods write
 * what others read.
 */
export type PythonWorker = Readonly<WorkerRecord>;

export function newWorker(id: number, slot: number, place: number): PythonWorker {
  return new WorkerRecord(id, slot, place);
}

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

export interface CallParts {
  readonly id: number;
  readonly worker: PythonWorker;
  /** The operation's public name, for errors and telemetry. */
  readonly label: string;
  readonly deadline: Deadline;
  /** It is not awaited. */
  readonly background: boolean;
}

/** A request in flight. It settles once, inside whatever turn brings the answer. */
export class Call {
  readonly id: number;
  readonly worker: PythonWorker;
  readonly label: string;
  readonly deadline: Deadline;
  readonly background: boolean;
  /** Of the request, and of its answer as far as known; 0: it was not sent. */
  bytes = 0;
  /** Its answer is awaited in turns of the event loop, not blocked for. */
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

  constructor({ id, worker, label, deadline, background }: CallParts) {
    this.id = id;
    this.worker = worker;
    this.label = label;
    this.deadline = deadline;
    this.background = background;
  }

  /** It is on its way. */
  markSent(bytes: number): void {
    this.bytes = bytes;
    this.worker.sent(this);
  }

  /** What it may take, in milliseconds. */
  get budget(): number {
    return this.deadline.budget;
  }

  /** Whether it is no longer to be waited for: it has settled, or was given up. */
  get done(): boolean {
    return this.#reply !== null || this.#error !== null || this.#givenUp !== null;
  }

  /** The answer, or why there is none for those who waited. Only once done. */
  get outcome(): Reply {
    if (this.#reply !== null) return this.#reply;
    if (this.#error === null && this.#givenUp !== null) throw this.#givenUp.reason;
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

  /** Listeners are called in their order, the first before any waiter goes on. */
  onSettled(listener: () => void): void {
    if (this.settled) listener();
    else this.#listeners.push(listener);
  }

  settle(outcome: Reply | MlxRouterError): void {
    if (this.#reply !== null || this.#error !== null) return;
    if (outcome instanceof Error) this.#error = outcome;
    else this.#reply = outcome;
    if (this.bytes > 0) this.worker.settled(this, this.#reply !== null);
    for (const listener of this.#listeners) listener();
    for (const listener of this.#waiting.splice(0)) listener();
  }
}
