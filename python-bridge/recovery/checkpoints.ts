import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import type { Transfer } from '../tensors/transfer.ts';
import type { Pool } from '../workers/pool.ts';
import type { Lineage } from './lineage.ts';
import { forEachOrigin, Step } from './origin.ts';

/** So many operations are remembered before any lineage is cut; to repeat them takes a fraction of a second. */
const LEAST = 4096;
const MOST_AT_ONCE = 1024;

interface CheckpointsParts {
  readonly pool: Pool;
  readonly lineage: Lineage;
  readonly tensors: TensorTable;
  readonly transfer: Transfer;
}

/**
 * Cuts lineages that have become long: reads existing tensors in the background, small ones first, and forgets what they
 * were made from. Tensors that are too large to be kept here are remembered by their lineage alone.
 */
export class Checkpoints {
  readonly #pool: Pool;
  readonly #lineage: Lineage;
  readonly #tensors: TensorTable;
  readonly #transfer: Transfer;
  #isReading = false;

  constructor({ pool, lineage, tensors, transfer }: CheckpointsParts) {
    this.#pool = pool;
    this.#lineage = lineage;
    this.#tensors = tensors;
    this.#transfer = transfer;
    lineage.cutFrom(LEAST, () => this.#cut());
  }

  #cut(): void {
    // To read what a function has only traced would end the trace.
    if (this.#pool.caller !== null) return;
    this.#tensors.sweep(true);
    this.#plan();
    this.#read([...this.#tensors.living()].filter(isAtTheEdge));
  }

  /** The same for the results of pipelines, in whose journal all is still needed after it was gone through. */
  cutJournal(): void {
    const { journal } = this.#lineage;
    if (journal.size < LEAST || this.#pool.caller !== null || this.#isReading) return;
    this.#isReading = true;
    try {
      this.#read([...this.#tensors.living()].filter((tensor) => journal.isAtTheEdge(tensor)));
    } finally {
      this.#isReading = false;
    }
  }

  #read(edge: readonly RemoteTensor[]): void {
    const sized = edge.slice(0, MOST_AT_ONCE).filter(hasSize);
    let bytes = 0;
    let underway = 0;
    for (const tensor of sized.sort((a, b) => a.bytes - b.bytes)) {
      if (tensor.freed || tensor.holder.exit !== null || !this.#lineage.hasRoom(tensor.bytes, bytes)) continue;
      bytes += tensor.bytes;
      underway += 1;
      const origin = this.#lineage.originOf(tensor);
      const { call, payload } = this.#transfer.fetch(tensor, true);
      call.onSettled(() => {
        underway -= 1;
        try {
          this.#lineage.keep(origin, tensor, payload());
        } catch {
          // Then it keeps its lineage.
        }
        if (underway === 0) this.#plan();
      });
    }
  }

  /** The next time it is worth a look. */
  #plan(): void {
    this.#lineage.cutFrom(Math.max(LEAST, 2 * this.#lineage.origins), () => this.#cut());
  }
}

/** Whether its size is known, for which its worker may have to be asked. */
function hasSize(tensor: RemoteTensor): boolean {
  try {
    return !tensor.freed && tensor.holder.exit === null && tensor.bytes >= 0;
  } catch {
    return false;
  }
}

/** Whether it was made from something that is freed, which is remembered for its sake. */
function isAtTheEdge({ origin }: RemoteTensor): boolean {
  if (!(origin?.how instanceof Step)) return false;
  let edge = false;
  forEachOrigin(origin.how.args, (parent) => {
    edge ||= parent.tensor === null;
  });
  return edge;
}
