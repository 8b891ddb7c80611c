import type { PromptCache } from '../engines/engine.ts';

interface Entry {
  /** What the model has seen in it. */
  readonly tokens: readonly number[];
  readonly cache: PromptCache;
  readonly nbytes: number;
}

/** How many tokens both begin with, at most `most`. */
function commonLength(a: readonly number[], b: readonly number[], most: number): number {
  const end = Math.min(a.length, b.length, most);
  let length = 0;
  while (length < end && a[length] === b[length]) length++;
  return length;
}

/**
 * What the model has seen in answers that ended, for prompts that begin with the same tokens. Of more entries or bytes
 * than there may be those go that were used the longest ago.
 */
export class PromptStore {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  /** Those used last at the end. */
  #entries: Entry[] = [];

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** How many entries there can be. */
  get capacity(): number {
    return this.#maxBytes === 0 ? 0 : this.#maxEntries;
  }

  get size(): number {
    return this.#entries.length;
  }

  get nbytes(): number {
    return this.#entries.reduce((sum, { nbytes }) => sum + nbytes, 0);
  }

  /** A cache of the most of the first tokens that there is, but not of the last one; it is the caller's. */
  async find(tokens: readonly number[]): Promise<PromptCache | undefined> {
    const found = this.#entries
      .map((entry) => ({ entry, common: commonLength(entry.tokens, tokens, tokens.length - 1) }))
      .filter(({ common }) => common > 0)
      .sort((a, b) => b.common - a.common);
    for (const { entry, common } of found) {
      const cache = entry.cache.copy?.();
      if (cache === undefined) continue;
      const surplus = cache.offset - common;
      if (surplus <= 0 || (await cache.trim(surplus)) === surplus) {
        this.#touch(entry);
        return cache;
      }
      // What keeps only the last positions cannot go back to the first ones.
      cache.dispose();
    }
    return undefined;
  }

  #touch(entry: Entry): void {
    const place = this.#entries.indexOf(entry);
    // It may have gone while a cache was trimmed.
    if (place >= 0) this.#entries.push(...this.#entries.splice(place, 1));
  }

  /** Keeps a cache, which is no longer the caller's, of these tokens. */
  add(tokens: readonly number[], cache: PromptCache): void {
    const { nbytes } = cache;
    const isKnown = this.#entries.some((entry) => commonLength(entry.tokens, tokens, tokens.length) === tokens.length);
    if (nbytes === undefined || nbytes > this.#maxBytes || this.capacity === 0 || isKnown || tokens.length === 0) {
      cache.dispose();
      return;
    }
    // Whatever begins as one of these begins as the new one.
    this.#drop((entry) => commonLength(entry.tokens, tokens, tokens.length) === entry.tokens.length);
    this.#entries.push({ tokens, cache, nbytes });
    while (this.#entries.length > this.#maxEntries || this.nbytes > this.#maxBytes) {
      const [oldest] = this.#entries;
      this.#drop((entry) => entry === oldest);
    }
  }

  /** Frees all. */
  clear(): void {
    this.#drop(() => true);
  }

  #drop(isDropped: (entry: Entry) => boolean): void {
    const dropped = this.#entries.filter(isDropped);
    this.#entries = this.#entries.filter((entry) => !dropped.includes(entry));
    for (const { cache } of dropped) cache.dispose();
  }
}
