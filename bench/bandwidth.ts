// What part of the machine's memory bandwidth a row uses. Copies are measured in each round, as a busy machine has less.
import type { Reply } from './child.ts';
import type { Row } from './rows.ts';
import type { Seat } from './seat.ts';
import { median } from './statistics.ts';

export interface BandwidthFigures {
  /** GB/s of copies by one thread, and by as many as the machine runs at once. */
  readonly one: number;
  readonly all: number;
  /** The row's GB/s over these, the medians over the rounds. */
  readonly ofOne: number;
  readonly ofAll: number;
}

export interface Copies {
  readonly one: number;
  readonly all: number;
}

/** Measures copies on the seat of ours, if the row is one of bandwidth. */
export async function measureCopies(row: Row, ours: Seat): Promise<Copies | undefined> {
  if (row.suite !== 'bandwidth') return undefined;
  const rate = async (work: string): Promise<number> => Number((await ours.measure(row, true, work))?.result);
  return { one: await rate('copy-one'), all: await rate('copy-all') };
}

/** The rounds of a row beside copies. */
export class Bandwidth {
  readonly #row: Row;
  readonly #rounds: { readonly rate: number; readonly copies: Copies }[] = [];

  constructor(row: Row) {
    this.#row = row;
  }

  add({ nanoseconds }: Reply, copies: Copies | undefined): void {
    const { bytes = 0, count } = this.#row;
    if (copies !== undefined) this.#rounds.push({ rate: (bytes * count) / nanoseconds, copies });
  }

  get figures(): BandwidthFigures | null {
    if (this.#rounds.length === 0) return null;
    const middle = (value: (round: { rate: number; copies: Copies }) => number): number =>
      median(this.#rounds.map(value));
    return {
      one: middle(({ copies }) => copies.one),
      all: middle(({ copies }) => copies.all),
      ofOne: middle(({ rate, copies }) => rate / copies.one),
      ofAll: middle(({ rate, copies }) => rate / copies.all),
    };
  }
}
