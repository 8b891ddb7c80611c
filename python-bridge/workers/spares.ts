import { MOST_WORKERS } from '../../foundation/system/limits.ts';
import type { Settings } from '../options.ts';
import type { PythonWorker } from '../requests/call.ts';
import type { Place } from './place.ts';

/** Workers that are ready before they are needed: a place whose worker has exited takes one at once. */
export class Spares {
  readonly #settings: Settings;
  readonly #newPlace: (index: number) => Place;
  readonly #places: Place[] = [];

  constructor(settings: Settings, newPlace: (index: number) => Place) {
    this.#settings = settings;
    this.#newPlace = newPlace;
  }

  /** Their places come behind those that calls are sent to. */
  at(index: number): Place | undefined {
    return this.#places[index - MOST_WORKERS];
  }

  get ready(): number {
    return this.#places.filter(({ worker }) => worker !== null).length;
  }

  /** Gives one away, if one is ready. */
  take(): PythonWorker | null {
    for (const place of this.#places) {
      const worker = place.giveAway();
      if (worker !== null) return worker;
    }
    return null;
  }

  /** Starts what is missing. It is not awaited, and keeps no process running. */
  refill(): void {
    const { spareWorkers } = this.#settings.limits;
    while (this.#places.length < spareWorkers) this.#places.push(this.#newPlace(MOST_WORKERS + this.#places.length));
    for (const place of this.#places.slice(0, spareWorkers)) place.prepare();
  }

  reset(): void {
    for (const place of this.#places) place.reset();
  }
}
