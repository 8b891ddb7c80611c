import type { MlxRouterError } from '../registry/errors.ts';
import type { Incarnation, WorkerFacts } from './call.ts';
import { Conversation } from './conversation.ts';
import type { OperationTable } from './operation-table.ts';
import type { PoolStats, Settings } from './options.ts';
import { Place } from './place.ts';

/** The places for workers, which start when they are needed and are filled again when a worker dies. */
export class Pool {
  readonly conversation: Conversation;
  readonly #places: readonly Place[];
  #facts: WorkerFacts | null = null;

  constructor(settings: Settings, operations: OperationTable) {
    this.conversation = new Conversation(settings, {
      answered: (worker) => this.#places[worker.place]?.answered(worker),
      died: (worker, death) => this.#places[worker.place]?.died(worker, death),
    });
    this.#places = Array.from(
      { length: settings.poolSize },
      (_, index) => new Place(index, settings, operations, this.conversation),
    );
  }

  /** What the workers are, as far as one has ever been ready. */
  get facts(): WorkerFacts | null {
    for (const { worker } of this.#places) if (worker?.facts != null) this.#facts = worker.facts;
    return this.#facts;
  }

  /** Why the last start failed, if none has succeeded since. */
  get failure(): MlxRouterError | null {
    for (const { worker, failure } of this.#places) if (worker === null && failure !== null) return failure;
    return null;
  }

  /** A running worker with nothing to do, or null. */
  get idle(): Incarnation | null {
    for (const { worker, load } of this.#places) if (worker !== null && load === 0) return worker;
    return null;
  }

  /** A worker for what is bound to none: idle, else new, else the least busy. Sleeps while one starts. */
  any(): Incarnation {
    return this.idle ?? this.#leastLoaded().ensure();
  }

  async anyAsync(): Promise<Incarnation> {
    return this.idle ?? this.#leastLoaded().ensureAsync();
  }

  stats(liveTensors: number): PoolStats {
    const { workers, totals } = this.conversation;
    return {
      workers: workers.length,
      busy: workers.filter(({ pending }) => pending > 0).length,
      restarts: this.#places.reduce((sum, { restarts }) => sum + restarts, 0),
      liveTensors,
      bytesSent: totals.sent,
      bytesReceived: totals.received,
      calls: totals.calls,
    };
  }

  async stop(): Promise<void> {
    const stopped = this.conversation.stop();
    for (const place of this.#places) place.reset();
    await stopped;
  }

  #leastLoaded(): Place {
    // At least one place: the settings are checked.
    return this.#places.reduce((best, place) => (place.load < best.load ? place : best));
  }
}
