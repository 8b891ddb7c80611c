import type { MlxRouterError } from '../registry/errors.ts';
import type { Death, Report } from './io-thread/messages.ts';

export type Reply = Extract<Report, { kind: 'frame' }>;

/** One process of a place in the pool; its successor in the same place is another incarnation. */
export interface Incarnation {
  readonly id: number;
  readonly place: number;
  pid: number;
  /** Requests without an answer. */
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
  #reply: Reply | null = null;
  #error: MlxRouterError | null = null;
  #onSettled: (() => void) | null = null;

  constructor(id: number, worker: Incarnation, label: string, budget: number) {
    this.id = id;
    this.worker = worker;
    this.label = label;
    this.budget = budget;
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

  onSettled(listener: () => void): void {
    if (this.settled) listener();
    else this.#onSettled = listener;
  }

  settle(outcome: Reply | MlxRouterError): void {
    if (this.settled) return;
    if (outcome instanceof Error) this.#error = outcome;
    else this.#reply = outcome;
    this.#onSettled?.();
  }
}
