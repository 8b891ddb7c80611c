import { AsyncLocalStorage } from 'node:async_hooks';
import { describeValue } from '../registry/arguments/describe.ts';
import { ArgumentError, type Implementation } from '../registry/errors.ts';

/** `withImplementation` scopes; an asynchronous function keeps its own until its promise settles. */
export class ImplementationScopes {
  readonly #storage = new AsyncLocalStorage<Implementation>();
  readonly #changed: () => void;
  #open = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get isOpen(): boolean {
    return this.#open > 0;
  }

  get current(): Implementation | undefined {
    return this.#open > 0 ? this.#storage.getStore() : undefined;
  }

  run<T>(implementation: Implementation, use: () => T): T {
    if (implementation !== 'native' && implementation !== 'python') {
      throw new ArgumentError(
        `mx.withImplementation: expected "native" or "python", received ${describeValue(implementation)}`,
      );
    }
    if (typeof use !== 'function') throw new ArgumentError('mx.withImplementation: expected a function to run');
    this.#count(1);
    let result: T;
    try {
      result = this.#storage.run(implementation, use);
    } catch (error) {
      this.#count(-1);
      throw error;
    }
    if (!(result instanceof Promise)) {
      this.#count(-1);
      return result;
    }
    return result.finally(() => this.#count(-1)) as T;
  }

  #count(change: number): void {
    this.#open += change;
    this.#changed();
  }
}
