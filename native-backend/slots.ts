import { Handle } from '../registry/values.ts';
import type { Addon } from './addon.ts';

const BLOCK_BITS = 6;
/** Makes handles of the numbers that the addon hands out: 64 small tensors share one owner. */
export class Slots {
  readonly #addon: Addon;
  #block = -1;
  #owner: object = {};

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

  #open(block: number): void {
    this.#owner = this.#addon.owner(block);
    this.#block = block;
  }
}
