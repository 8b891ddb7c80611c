import type { Sentinels } from '../options.ts';

/** How many slots share an owner. */
const BLOCK = 64;

/** A place, and the object whose collection vacates it. */
export interface Slot {
  readonly slot: number;
  readonly owner: object;
}

/**
 * Numbered places. One is used again only once its owner is collected, so a late report of that collection never hits
 * somebody else.
 */
export class Slots<T> {
  readonly #entries: (T | undefined)[] = [];
  /** By number; undefined: nothing is there. */
  readonly entries: readonly (T | undefined)[] = this.#entries;
  readonly #free: number[] = [];
  readonly #freeBlocks: number[] = [];
  readonly #sentinels: Sentinels | null;
  readonly #registry: FinalizationRegistry<number>;
  /** Whether collections are reported in the turn in which they happen. */
  readonly isPrompt: boolean;
  readonly #onCollected: (first: number, count: number) => void;
  /** The next slot of the block in use, and what is left of the block. */
  #next = 0;
  #left = 0;
  #owner: object = {};

  /** `onCollected`: the owner of so many slots was collected; it has to take them out. */
  constructor(sentinels: Sentinels | undefined, onCollected: (first: number, count: number) => void) {
    this.#sentinels = sentinels ?? null;
    this.isPrompt = sentinels !== undefined;
    this.#onCollected = onCollected;
    this.#registry = new FinalizationRegistry((owner) => this.#collected(owner));
  }

  /** Numbers that were ever given lie below. */
  get size(): number {
    return this.#entries.length;
  }

  put(slot: number, entry: T): void {
    this.#entries[slot] = entry;
  }

  take(slot: number): T | undefined {
    const entry = this.#entries[slot];
    this.#entries[slot] = undefined;
    return entry;
  }

  *[Symbol.iterator](): Generator<T> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry;
  }

  /** A place of its own, that has no owner yet. */
  reserve(): number {
    const slot = this.#free.pop();
    if (slot !== undefined) return slot;
    this.#entries.push(undefined);
    return this.#entries.length - 1;
  }

  /** Gives back a place that got no owner. */
  release(slot: number): void {
    this.#free.push(slot);
  }

  /** What to hold on to while the place is taken. */
  ownerOf(slot: number): object {
    if (this.#sentinels !== null) return this.#sentinels.create(slot);
    const owner = {};
    this.#registry.register(owner, slot);
    return owner;
  }

  /** A place that shares its owner with those beside it. */
  shared(): Slot {
    if (this.#left === 0) this.#openBlock();
    const taken = { slot: this.#next, owner: this.#owner };
    this.#next += 1;
    this.#left -= 1;
    if (this.#left === 0) this.closeBlock();
    return taken;
  }

  /** The next shared place begins a new block, so that nothing waits for this one to be full. */
  closeBlock(): void {
    this.#left = 0;
    this.#owner = {};
  }

  /** Learns which owners were collected. */
  drain(): void {
    for (const owner of this.#sentinels?.drain() ?? []) this.#collected(owner);
  }

  #openBlock(): void {
    let first = this.#freeBlocks.pop();
    if (first === undefined) {
      first = this.#entries.length;
      for (let i = 0; i < BLOCK; i++) this.#entries.push(undefined);
    }
    this.#next = first;
    this.#left = BLOCK;
    this.#owner = this.ownerOf(-1 - first);
  }

  /** By the number of a slot, or of the block that begins at slot -1 - number. */
  #collected(owner: number): void {
    if (owner < 0) {
      this.#onCollected(-1 - owner, BLOCK);
      this.#freeBlocks.push(-1 - owner);
    } else if (this.#entries[owner] !== undefined) {
      this.#onCollected(owner, 1);
      this.#free.push(owner);
    }
  }
}
