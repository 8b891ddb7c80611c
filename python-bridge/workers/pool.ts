import { type MlxRouterError, WorkerDiedError } from '../../foundation/errors/errors.ts';
import { MOST_WORKERS } from '../../foundation/system/limits.ts';
import type { Settings } from '../options.ts';
import type { Deadline, PythonWorker, WorkerFacts } from '../requests/call.ts';
import { Conversation } from '../requests/conversation.ts';
import { Flow } from '../requests/flow.ts';
import { runBlocking, runInTurns, type Steps } from '../requests/steps.ts';
import type { Copy, RemoteTensor } from '../tensors/remote-tensor.ts';
import { Sessions } from '../tensors/sessions.ts';
import type { OperationTable } from '../wire/operation-table.ts';
import { Place } from './place.ts';
import { Retirement } from './retirement.ts';
import { Spares } from './spares.ts';
import { describePool, type PoolReport } from './statistics.ts';

/** The places for workers, which start when they are needed and are filled again when a worker exits. */
export class Pool {
  readonly conversation: Conversation;
  /** Each is pinned to a place, so that it goes on there when its worker exits. */
  readonly sessions = new Sessions<RemoteTensor | Copy, Place>();
  readonly flow: Flow;
  readonly retirement: Retirement;
  readonly #settings: Settings;
  readonly #operations: OperationTable;
  readonly #spares: Spares;
  /** As many as have ever been asked for. */
  readonly #places: Place[] = [];
  #facts: WorkerFacts | null = null;
  /** The worker that has called the function which runs; null: none has. */
  caller: PythonWorker | null = null;

  constructor(settings: Settings, operations: OperationTable) {
    this.#settings = settings;
    this.#operations = operations;
    this.flow = new Flow(() => settings.limits.maxQueue);
    this.conversation = new Conversation(settings, this.flow, {
      answered: (worker) => this.#answered(worker),
      exited: (worker, exit) => this.#placeAt(worker.place)?.exited(worker, exit),
    });
    this.retirement = new Retirement(settings, this.conversation, (worker) => this.placeAfter(worker));
    this.#spares = new Spares(
      settings,
      (index) => new Place({ index, settings, operations, conversation: this.conversation, spare: () => null }),
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

  /** Runs a function that the worker has called: what it asks for runs there too. */
  calledBy<T>(worker: PythonWorker, run: () => T): T {
    const before = this.caller;
    this.caller = worker;
    try {
      return run();
    } finally {
      this.caller = before;
    }
  }

  /** A running worker with nothing to do, or null. */
  get idle(): PythonWorker | null {
    for (const { worker, load } of this.#places) if (worker !== null && load === 0) return worker;
    return null;
  }

  /**
   * A worker for what is bound to none: the session's; else `near`, else idle, else new, else the least busy. Waits while one
   * starts.
   */
  *finding(deadline: Deadline, near: PythonWorker | null = null): Steps<PythonWorker> {
    const place = this.placeOfSession(near);
    if (place !== null) return yield* place.ensuring(deadline);
    return near ?? this.idle ?? (yield* this.#leastLoaded().ensuring(deadline));
  }

  any(deadline: Deadline, near: PythonWorker | null = null): PythonWorker {
    return runBlocking(this.finding(deadline, near));
  }

  anyAsync(deadline: Deadline): Promise<PythonWorker> {
    return runInTurns(this.finding(deadline));
  }

  /** Whether no worker runs that the running code may use. Binds its session to none. */
  get isCold(): boolean {
    if (this.caller !== null) return false;
    const { place } = this.sessions;
    return place === undefined ? this.#places.every(({ worker }) => worker === null) : place.worker === null;
  }

  /** The same worker, if it runs already. */
  get ready(): PythonWorker | null {
    const place = this.placeOfSession(null);
    return place === null ? (this.idle ?? this.#leastLoaded().worker) : place.worker;
  }

  /**
   * Where the running code has to work: where it was called from, or where its session does; null if anywhere. `near`:
   * where its first tensors are.
   */
  placeOfSession(near: PythonWorker | null): Place | null {
    const caller = this.caller === null ? undefined : this.#places[this.caller.place];
    if (caller !== undefined) return caller;
    if (this.sessions.current === undefined) return null;
    const pinned = this.sessions.place;
    const places = this.#usable();
    if (pinned !== undefined && places.includes(pinned)) return pinned;
    const cost = (place: Place): number => {
      const isNear = near !== null && place.worker === near;
      return this.sessions.pinnedTo(place) * 2 ** 32 + place.load * 2 - (isNear ? 1 : 0);
    };
    const place = places.reduce((best, other) => (cost(other) < cost(best) ? other : best));
    this.sessions.pin(place);
    return place;
  }

  /** The place that goes on with the work of a worker which leaves or has exited. */
  placeAfter(worker: PythonWorker): Place {
    return this.#usable()[worker.place] ?? this.#leastLoaded();
  }

  /** Starts workers, up to so many, that are not needed yet. */
  async start(count: number, deadline: Deadline): Promise<void> {
    await Promise.all(
      this.#usable()
        .slice(0, count)
        .map((place) => place.ensureAsync(deadline)),
    );
  }

  report(): PoolReport {
    return describePool(this.conversation, this.#places, {
      spares: this.#spares.ready,
      recycled: this.retirement.count,
      sessions: (place) => this.sessions.pinnedTo(place),
      waiting: this.flow.waiting,
    });
  }

  /** Waits for what is in flight, not longer than the grace in milliseconds. */
  async drained(grace: number): Promise<void> {
    if (grace > 0) await this.conversation.waits.drained(grace);
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.flow.refuse(new WorkerDiedError('the Python backend was shut down', { implementation: 'python' }));
    const stopped = this.conversation.stop();
    for (const place of this.#places) place.reset();
    this.#spares.reset();
    await stopped;
  }

  #answered(worker: PythonWorker): void {
    const place = this.#placeAt(worker.place);
    if (place?.worker === worker && this.retirement.isDue(worker)) {
      place.giveAway();
      this.retirement.begin(worker);
    }
    if (worker.retiring !== null) this.retirement.proceed(worker);
    if (this.#settings.limits.spareWorkers > 0) this.#spares.refill();
  }

  #placeAt(index: number): Place | undefined {
    return index < MOST_WORKERS ? this.#places[index] : this.#spares.at(index);
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
    const { poolSize } = this.#settings.limits;
    for (let index = this.#places.length; index < poolSize; index++) {
      const spare = (): PythonWorker | null => this.#spares.take();
      const { conversation } = this;
      this.#places.push(
        new Place({ index, settings: this.#settings, operations: this.#operations, conversation, spare }),
      );
    }
    return this.#places.slice(0, poolSize);
  }
}
