import { Handle } from '../registry/values.ts';
import type { Addon } from './addon.ts';
import { throwFailure } from './failure.ts';

const BLOCK_BITS = 6;
/** Makes handles of the numbers that the addon hands out: 64 small tensors share one owner. */
export class Slots {
  readonly #addon: Addon;
  #block = -1;
  #owner: object = {};

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  /** A handle of the slot, or what the call that should have given one failed with, thrown. */
  adopt(code: number): Handle {
    if (typeof code !== 'number') throwFailure(code);
    if (code >= 0) {
      if (code >> BLOCK_BITS !== this.#block) this.#open(code >> BLOCK_BITS);
      return new Handle(code, this.#owner);
    }
    const slot = ~code;
    return new Handle(slot, this.#addon.owner(slot >> BLOCK_BITS));
  }

  adoptAll(codes: readonly number[]): Handle[] {
    if (!Array.isArray(codes)) throwFailure(codes);
    return codes.map((code) => this.adopt(code));
  }

  #open(block: number): void {
    this.#owner = this.#addon.owner(block);
    this.#block = block;
  }
}
