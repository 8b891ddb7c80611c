import { AsyncLocalStorage } from 'node:async_hooks';
import { afterwards } from '../../foundation/afterwards.ts';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import type { Backends } from './backends.ts';

/** `withDeadline` scopes: until when what the running code asks of workers may take. Inner ones only shorten. */
export class Deadlines {
  readonly #backends: Backends;
  readonly #storage = new AsyncLocalStorage<number>();
  #open = 0;

  constructor(backends: Backends) {
    this.#backends = backends;
  }

  run<T>(milliseconds: number, use: () => T): T {
    if (typeof milliseconds !== 'number' || !(milliseconds >= 0)) {
      throw new ArgumentError(
        `mx.withDeadline: expected milliseconds from 0 up, received ${describeValue(milliseconds)}`,
      );
    }
    if (typeof use !== 'function') throw new ArgumentError('mx.withDeadline: expected a function to run');
    const outer = this.#open > 0 ? this.#storage.getStore() : undefined;
    const at = Math.min(performance.now() + milliseconds, outer ?? Number.POSITIVE_INFINITY);
    this.#count(1);
    const close = (): void => this.#count(-1);
    return afterwards(() => this.#storage.run(at, use), { done: close, failed: close });
  }

  #count(change: number): void {
    this.#open += change;
    const lookup = this.#open === 0 ? null : () => this.#storage.getStore();
    for (const { deadlines } of this.#backends.all) deadlines?.watch(lookup);
    // An enabled storage makes every promise of the process a little slower.
    if (lookup === null) this.#storage.disable();
  }
}
