import type { Tensor } from '../router/tensors/tensor.ts';

/** Draws keys as Python's own global sequence does: each draw splits the state in two and gives the second half. */
export class RandomState {
  readonly #makeKey: (seed: number | bigint) => Tensor;
  readonly #split: (key: Tensor) => [Tensor, Tensor];
  readonly #free: (tensor: Tensor) => void;
  #state: Tensor | undefined;
  /** Whether others may hold the current key. */
  #isShared = false;

  constructor(
    makeKey: (seed: number | bigint) => Tensor,
    split: (key: Tensor) => [Tensor, Tensor],
    free: (tensor: Tensor) => void,
  ) {
    this.#makeKey = makeKey;
    this.#split = split;
    this.#free = free;
  }

  /** The current key; undefined as long as nothing has been drawn. */
  get known(): Tensor | undefined {
    return this.#state;
  }

  /** The current key, for `compile({ inputs: mx.random.state })`. */
  get key(): Tensor {
    this.#isShared = true;
    return this.#current();
  }

  set key(key: Tensor) {
    this.#isShared = true;
    this.#state = key;
  }

  seed(seed: number | bigint): void {
    this.#isShared = false;
    this.#state = this.#makeKey(seed);
  }

  next(): Tensor {
    const before = this.#current();
    const [state, key] = this.#split(before);
    this.#state = state;
    // At once, for the collector comes late to what is so small.
    if (!this.#isShared) this.#free(before);
    this.#isShared = false;
    return key;
  }

  /** Goes on as if a key had been drawn. A sequence that has not begun begins anywhere, so it does not. */
  skip(): void {
    if (this.#state !== undefined) this.#free(this.next());
  }

  #current(): Tensor {
    // Without a seed Python starts from the clock, too.
    this.#state ??= this.#makeKey(BigInt(Date.now()) * 1000n);
    return this.#state;
  }
}
