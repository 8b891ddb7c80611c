import { ArgumentError } from '../../foundation/errors/errors.ts';

const LENGTH = 624;
const MIDDLE = 397;

/**
 * The random sequence of NumPy's `numpy.random.seed` and `permutation`, a Mersenne twister (Matsumoto and Nishimura 1998),
 * so that a seed gives the batches that it gives in mlx_lm.
 */
export class NumpyRandom {
  #key = new Uint32Array(LENGTH);
  #position = LENGTH;

  /** @throws ArgumentError for what is no integer from 0 up to 2³² - 1 */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new ArgumentError(`expected an integer from 0 up to 4294967295 for "seed", received ${String(seed)}`, {
        operation: 'lm.train',
      });
    }
    let value = seed;
    for (let i = 0; i < LENGTH; i++) {
      this.#key[i] = value;
      value = (Math.imul(1812433253, value ^ (value >>> 30)) + i + 1) >>> 0;
    }
  }

  /** What the sequence goes on from: 624 words, and the place among them. */
  get state(): { readonly key: Uint32Array; readonly position: number } {
    return { key: this.#key.slice(), position: this.#position };
  }

  set state({ key, position }: { readonly key: Uint32Array; readonly position: number }) {
    if (key.length !== LENGTH || !(Number.isInteger(position) && position >= 0 && position <= LENGTH)) {
      throw new ArgumentError(`expected ${LENGTH} words and a place among them as the state of a random sequence`, {
        operation: 'lm.train',
      });
    }
    this.#key = key.slice();
    this.#position = position;
  }

  #twist(): void {
    const key = this.#key;
    for (let i = 0; i < LENGTH; i++) {
      const word = ((key[i] as number) & 0x80000000) | ((key[(i + 1) % LENGTH] as number) & 0x7fffffff);
      key[i] = (key[(i + MIDDLE) % LENGTH] as number) ^ (word >>> 1) ^ (word & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }

  #word(): number {
    if (this.#position === LENGTH) this.#twist();
    let word = this.#key[this.#position++] as number;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  /** The numbers from 0 up to but not `count` in a random order. */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const mask = 2 ** (32 - Math.clz32(i)) - 1;
      let j = (this.#word() & mask) >>> 0;
      while (j > i) j = (this.#word() & mask) >>> 0;
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return order;
  }
}
