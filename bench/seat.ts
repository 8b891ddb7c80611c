import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from './child.ts';
import type { Side } from './processes.ts';
import type { Row } from './rows.ts';

/** Threads of OpenBLAS spin for 2^28 ticks after their work, 128 ms at 2.1 GHz, which the other side must not pay for. */
const PAUSE_MS = 150;

/** One side, started when it is first needed; for rows that ask for it, anew for each measurement. */
export class Seat {
  readonly #start: () => Promise<Side | undefined>;
  #side: Promise<Side | undefined> | undefined;

  constructor(start: () => Promise<Side | undefined>) {
    this.#start = start;
  }

  /**
   * @param counts whether the measurement is kept; only then it waits until the other side is at rest
   * @param work its name on this side, if it is not the row's
   */
  async measure(row: Row, counts: boolean, work: string = row.name): Promise<Reply | undefined> {
    if (!row.fresh) this.#side ??= this.#start();
    const side = await (row.fresh ? this.#start() : this.#side);
    try {
      if (counts) await sleep(PAUSE_MS);
      return await side?.ask({ suite: row.suite, row: work, count: row.count });
    } finally {
      if (row.fresh) side?.stop();
    }
  }

  async stop(): Promise<void> {
    (await this.#side)?.stop();
  }
}
