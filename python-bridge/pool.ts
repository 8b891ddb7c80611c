import type { MlxRouterError } from '../registry/errors.ts';
import type { Incarnation, WorkerFacts } from './call.ts';
import { Conversation } from './conversation.ts';
import type { OperationTable } from './operation-table.ts';
import type { PoolStats, Settings } from './options.ts';
import { Place } from './place.ts';
import { Sessions } from './sessions.ts';
import type { Copy, RemoteTensor } from './tensor-table.ts';

/** The places for workers, which start when they are needed and are filled again when a worker dies. */
export class Pool {
  readonly conversation: Conversation;
  /** Each is pinned to a place, so that it goes on there when its worker dies. */
  readonly sessions = new Sessions<RemoteTensor | Copy, Place>();
  readonly #settings: Settings;
  readonly #operations: OperationTable;
  /** As many as have ever been asked for. */
  readonly #places: Place[] = [];
  #facts: WorkerFacts | null = null;
  #caller: Incarnation | null = null;

  constructor(settings: Settings, operations: OperationTable) {
    this.#settings = settings;
    this.#operations = operations;
    this.conversation = new Conversation(settings, {
      answered: (worker) => this.#places[worker.place]?.answered(worker),
      died: (worker, death) => this.#places[worker.place]?.died(worker, death),
    });
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

  /** Runs a function that the worker has called: what it asks for runs there too. */
  calledBy<T>(worker: Incarnation, run: () => T): T {
    const before = this.#caller;
    this.#caller = worker;
    try {
      return run();
    } finally {
      this.#caller = before;
    }
  }

  /** Whether a function runs that a worker has called. */
  get isCalled(): boolean {
    return this.#caller !== null;
  }

  /** A running worker with nothing to do, or null. */
  get idle(): Incarnation | null {
    for (const { worker, load } of this.#places) if (worker !== null && load === 0) return worker;
    return null;
  }

  /** A worker for what is bound to none: the session's; else idle, else new, else the least busy. Sleeps while one starts. */
  any(): Incarnation {
    const place = this.placeOfSession();
    return place === null ? (this.idle ?? this.#leastLoaded().ensure()) : place.ensure();
  }

  async anyAsync(): Promise<Incarnation> {
    const place = this.placeOfSession();
    return place === null ? (this.idle ?? this.#leastLoaded().ensureAsync()) : place.ensureAsync();
  }

  /**
   * Where the running code has to work: where it was called from, or where its session does; null if anywhere. `near`:
   * where its first tensors are.
   */
  placeOfSession(near?: Incarnation): Place | null {
    const caller = this.#caller === null ? undefined : this.#places[this.#caller.place];
    if (caller !== undefined) return caller;
    if (this.sessions.current === undefined) return null;
    const pinned = this.sessions.place;
    const places = this.#usable();
    if (pinned !== undefined && places.includes(pinned)) return pinned;
    const cost = (place: Place): number =>
      this.sessions.pinnedTo(place) * 2 ** 20 +
      place.load * 2 -
      (place.worker !== null && place.worker === near ? 1 : 0);
    const place = places.reduce((best, other) => (cost(other) < cost(best) ? other : best));
    this.sessions.pin(place);
    return place;
  }

  /** The worker that stands in for a dead one. Sleeps while it starts. */
  successorOf(dead: Incarnation): Incarnation {
    return this.#placeOf(dead)?.ensure() ?? this.any();
  }

  async successorOfAsync(dead: Incarnation): Promise<Incarnation> {
    return (await this.#placeOf(dead)?.ensureAsync()) ?? this.anyAsync();
  }

  stats(liveTensors: number): Omit<PoolStats, 'sharedBytes' | 'callbacks' | 'remembered' | 'rememberedBytes'> {
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

  /** Its place, unless the pool has become smaller than that. */
  #placeOf({ place }: Incarnation): Place | undefined {
    return this.#usable()[place];
  }

  #leastLoaded(): Place {
    // Of equals the first: so a second worker starts only when the first one is busy.
    return this.#usable().reduce((best, place) => (place.load < best.load ? place : best));
  }

  /** Every place that there may be now, with a worker in it or not. */
  get places(): readonly Place[] {
    return this.#usable();
  }

  #usable(): Place[] {
    const { poolSize } = this.#settings;
    for (let index = this.#places.length; index < poolSize; index++) {
      this.#places.push(new Place(index, this.#settings, this.#operations, this.conversation));
    }
    return this.#places.slice(0, poolSize);
  }
}
