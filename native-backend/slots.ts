import { Handle } from '../registry/values.ts';
import type { Addon } from './addon.ts';
import { collectYoung } from './collect.ts';

const BLOCK_BITS = 6;
/** Blocks between two collections of the young generation: V8 would let far more dropped tensors pile up. */
const BLOCKS_PER_COLLECTION = 64;
/** A graph is evaluated faster once the handles of its dropped intermediates are gone; not worth it below this. */
const BLOCKS_BEFORE_EVAL = 15;

/** Makes handles of the numbers that the addon hands out: 64 small tensors share one owner. */
export class Slots {
  readonly #addon: Addon;
  #block = -1;
  #owner: object = {};
  #opened = 0;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  adopt(code: number): Handle {
    if (code >= 0) {
      if (code >> BLOCK_BITS !== this.#block) this.#open(code >> BLOCK_BITS);
      return new Handle(code, this.#owner);
    }
    const slot = ~code;
    return new Handle(slot, this.#addon.owner(slot >> BLOCK_BITS));
  }

  adoptAll(codes: readonly number[]): Handle[] {
    return codes.map((code) => this.adopt(code));
  }

  /** To be called before an evaluation. */
  collectBeforeEval(): void {
    if (this.#opened >= BLOCKS_BEFORE_EVAL) this.#collect();
  }

  #open(block: number): void {
    this.#owner = this.#addon.owner(block);
    this.#block = block;
    this.#opened++;
    if (this.#opened >= BLOCKS_PER_COLLECTION) this.#collect();
  }

  #collect(): void {
    this.#opened = 0;
    collectYoung();
  }
}
