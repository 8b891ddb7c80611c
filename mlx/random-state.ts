import type { Tensor } from '../router/tensor.ts';

/** Draws keys as Python's own global sequence does: each draw splits the state in two and gives the second half. */
export class RandomState {
  readonly #makeKey: (seed: number | bigint) => Tensor;
  readonly #split: (key: Tensor) => [Tensor, Tensor];
  #state: Tensor | undefined;

  constructor(makeKey: (seed: number | bigint) => Tensor, split: (key: Tensor) => [Tensor, Tensor]) {
    this.#makeKey = makeKey;
    this.#split = split;
  }

  /** The current key; undefined as long as nothing has been drawn. */
  get known(): Tensor | undefined {
    return this.#state;
  }

  /** The current key, for `compile({ inputs: mx.random.state })`. */
  get key(): Tensor {
    // Without a seed Python starts from the clock, too.
    this.#state ??= this.#makeKey(BigInt(Date.now()) * 1000n);
    return this.#state;
  }

  set key(key: Tensor) {
    this.#state = key;
  }

  seed(seed: number | bigint): void {
    this.#state = this.#makeKey(seed);
  }

  next(): Tensor {
    const [state, key] = this.#split(this.key);
    this.#state = state;
    return key;
  }
}
