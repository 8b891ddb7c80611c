import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deferral } from '../../backend/backend.ts';
import { afterwards } from '../../foundation/afterwards.ts';
import { type AddedBackend, ArgumentError, type Implementation } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { isImplementation, namesOf } from '../../registry/arguments/options.ts';

/** What a scope says of the calls inside it; undefined: nothing. */
export interface Scope {
  readonly implementation: Implementation | undefined;
  /** The pipeline that calls to Python go into. */
  readonly deferral: Deferral | undefined;
}

/** Scopes around calls; an asynchronous function keeps its own until its promise settles. */
export class Scopes {
  readonly #storage = new AsyncLocalStorage<Scope>();
  readonly #changed: () => void;
  readonly #added: readonly AddedBackend[];
  #open = 0;
  #choosing = 0;
  #deferring = 0;

  /** `added`: the backends that may be chosen beside native and python. */
  constructor(changed: () => void, added: readonly AddedBackend[] = []) {
    this.#changed = changed;
    this.#added = added;
  }

  /** Whether any scope that chooses a backend is open, here or elsewhere. */
  get choosing(): boolean {
    return this.#choosing > 0;
  }

  /** Whether any pipeline is open, here or elsewhere. */
  get deferring(): boolean {
    return this.#deferring > 0;
  }

  get current(): Scope | undefined {
    return this.#open > 0 ? this.#storage.getStore() : undefined;
  }

  choose<T>(implementation: Implementation, use: () => T): T {
    if (!isImplementation(implementation, this.#added)) {
      throw new ArgumentError(
        `mx.withImplementation: expected ${namesOf(this.#added)}, received ${describeValue(implementation)}`,
      );
    }
    if (typeof use !== 'function') throw new ArgumentError('mx.withImplementation: expected a function to run');
    return this.#run({ implementation, deferral: this.current?.deferral }, use, (change) => {
      this.#choosing += change;
    });
  }

  defer<T>(deferral: Deferral, use: () => T): T {
    return this.#run({ implementation: this.current?.implementation, deferral }, use, (change) => {
      this.#deferring += change;
    });
  }

  #run<T>(scope: Scope, use: () => T, count: (change: number) => void): T {
    const close = (): void => {
      this.#open -= 1;
      count(-1);
      this.#changed();
    };
    this.#open += 1;
    count(1);
    this.#changed();
    return afterwards(() => this.#storage.run(scope, use), { done: close, failed: close });
  }
}
