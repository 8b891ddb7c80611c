/** A piece of shared memory, in bytes from its start. */
export interface Region {
  readonly offset: number;
  readonly bytes: number;
}

/** Every region begins at a multiple of this, so that it is aligned for any dtype and shares no cache line. */
const ALIGNMENT = 64;

/** Which pieces of a memory of fixed size are taken. The first gap that is large enough is given. */
export class Regions {
  readonly size: number;
  /** In the order of their offsets. */
  readonly #taken: Region[] = [];

  constructor(size: number) {
    this.size = size;
  }

  get empty(): boolean {
    return this.#taken.length === 0;
  }

  /** A free region; null if no gap is large enough. */
  take(bytes: number): Region | null {
    let start = 0;
    for (let i = 0; ; i++) {
      const next = this.#taken[i];
      if (start + bytes <= (next?.offset ?? this.size)) {
        const region = { offset: start, bytes };
        this.#taken.splice(i, 0, region);
        return region;
      }
      if (next === undefined) return null;
      start = Math.ceil((next.offset + next.bytes) / ALIGNMENT) * ALIGNMENT;
    }
  }

  give(region: Region): void {
    const place = this.#taken.indexOf(region);
    if (place !== -1) this.#taken.splice(place, 1);
  }
}
