import type { MlxRouterError } from '../registry/errors.ts';
import type { Batch } from './batches/batch.ts';
import type { Death, Report } from './io-thread/messages.ts';

export type Reply = Extract<Report, { kind: 'frame' }>;

/** One process of a place in the pool; its successor in the same place is another incarnation. */
export interface Incarnation {
  readonly id: number;
  place: number;
  pid: number;
  /** Living tensors that it holds, copies among them. */
  tensors: number;
  /** Its objects that are referred to from here; they go with it. */
  objects: number;
  /** Requests whose answers somebody waits for. */
  pending: number;
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

/** A request in flight. It settles once, inside whatever turn brings the answer. */
export class Call {
  readonly id: number;
  readonly worker: Incarnation;
  /** The operation's public name, for errors and telemetry. */
  readonly label: string;
  /** Milliseconds. */
  readonly budget: number;
  /** Nobody waits for it. */
  readonly background: boolean;
  /** Its answer is awaited in turns of the event loop, not slept for. */
  awaited = false;
  #reply: Reply | null = null;
  #error: MlxRouterError | null = null;
  readonly #listeners: (() => void)[] = [];

  constructor(id: number, worker: Incarnation, label: string, budget: number, background = false) {
    this.id = id;
    this.worker = worker;
    this.label = label;
    this.budget = budget;
    this.background = background;
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
  }
}
