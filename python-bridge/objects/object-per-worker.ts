import { Deadline, type PythonWorker } from '../requests/call.ts';
import type { Place } from '../workers/place.ts';
import type { Pool } from '../workers/pool.ts';
import type { ObjectReference } from './object-table.ts';
import type { WaitingRequests } from './waiting-requests.ts';

/** One object for each worker, made when the worker first has work for it. */
export class ObjectPerWorker {
  readonly #pool: Pool;
  readonly #make: (worker: PythonWorker) => Promise<ObjectReference>;
  readonly #made = new Map<PythonWorker, Promise<ObjectReference>>();
  /** Work that has a place but was not sent so far. */
  readonly #coming = new Map<Place, number>();

  readonly #waiting: WaitingRequests;

  constructor(pool: Pool, waiting: WaitingRequests, make: (worker: PythonWorker) => Promise<ObjectReference>) {
    this.#pool = pool;
    this.#waiting = waiting;
    this.#make = make;
  }

  /** Runs the work where there is least to do, a worker that runs already before one that must start. */
  run<T>(work: (reference: ObjectReference) => Promise<T>): Promise<T> {
    return this.#waiting.insist(() => this.#run(work));
  }

  async #run<T>(work: (reference: ObjectReference) => Promise<T>): Promise<T> {
    const place = this.#leastLoaded();
    this.#coming.set(place, (this.#coming.get(place) ?? 0) + 1);
    let result: Promise<T>;
    try {
      const worker = place.worker ?? (await place.ensureAsync(Deadline.never()));
      const reference = await this.#objectAt(worker);
      // Sent when this returns, and counted by the worker from then on.
      result = work(reference);
    } finally {
      this.#coming.set(place, (this.#coming.get(place) ?? 1) - 1);
    }
    return result;
  }

  /** Forgets the objects, and gives them. */
  clear(): Promise<ObjectReference>[] {
    const made = [...this.#made.values()];
    this.#made.clear();
    return made;
  }

  #leastLoaded(): Place {
    const session = this.#pool.placeOfSession(null);
    if (session !== null) return session;
    const cost = (place: Place): number =>
      place.load + (this.#coming.get(place) ?? 0) + (place.worker === null ? 0.5 : 0);
    return this.#pool.places.reduce((best, place) => (cost(place) < cost(best) ? place : best));
  }

  #objectAt(worker: PythonWorker): Promise<ObjectReference> {
    let made = this.#made.get(worker);
    if (made === undefined) {
      made = this.#make(worker);
      this.#made.set(worker, made);
      worker.onExit(() => this.#made.delete(worker));
      // The next call tries again.
      made.catch(() => this.#made.delete(worker));
    }
    return made;
  }
}
