import type { Argument } from '../registry/values.ts';
import type { Incarnation } from './call.ts';
import { placementOf } from './placement.ts';
import type { Pool } from './pool.ts';
import type { RemoteTensor, TensorTable } from './tensor-table.ts';
import type { Transfer } from './transfer.ts';
import { handlesIn } from './wire/arguments.ts';

/** Brings a call and its tensors to one worker: that of the session, or else the one that holds most of them. */
export class Gathering {
  readonly #pool: Pool;
  readonly #tensors: TensorTable;
  readonly #transfer: Transfer;

  constructor(pool: Pool, tensors: TensorTable, transfer: Transfer) {
    this.#pool = pool;
    this.#tensors = tensors;
    this.#transfer = transfer;
  }

  /** Where the call can run at once; null if a worker must start or a tensor must come over first. */
  now(args: readonly Argument[], label: string): Incarnation | null {
    const tensors = this.#tensorsOf(args, label);
    const place = this.#pool.placeOfSession(tensors[0]?.home);
    if (place !== null) {
      const { worker } = place;
      return worker === null || this.#missing(tensors, worker) !== undefined ? null : worker;
    }
    const placement = placementOf(tensors);
    if (placement === null) return this.#pool.idle;
    return placement.stray === null ? placement.target : null;
  }

  /** Sleeps while a worker starts and while tensors travel. */
  gather(args: readonly Argument[], label: string): Incarnation {
    for (;;) {
      const tensors = this.#tensorsOf(args, label);
      const place = this.#pool.placeOfSession(tensors[0]?.home);
      if (place !== null) {
        const worker = place.ensure();
        const missing = this.#missing(tensors, worker);
        if (missing === undefined) return worker;
        this.#transfer.copy(missing, worker);
        continue;
      }
      const placement = placementOf(tensors);
      if (placement === null) return this.#pool.any();
      const { target, stray } = placement;
      if (stray === null) return target;
      this.#transfer.move(stray, target);
    }
  }

  async gatherAsync(args: readonly Argument[], label: string): Promise<Incarnation> {
    for (;;) {
      const before = this.#tensorsOf(args, label);
      const place = this.#pool.placeOfSession(before[0]?.home);
      if (place !== null) {
        const worker = await place.ensureAsync();
        const missing = this.#missing(this.#tensorsOf(args, label), worker);
        if (missing === undefined) return worker;
        await this.#transfer.copyAsync(missing, worker);
        continue;
      }
      const placement = placementOf(before);
      if (placement === null) return this.#pool.anyAsync();
      const { target, stray } = placement;
      if (stray === null) return target;
      await this.#transfer.moveAsync(stray, target);
    }
  }

  #missing(tensors: readonly RemoteTensor[], worker: Incarnation): RemoteTensor | undefined {
    return tensors.find((tensor) => this.#tensors.idAt(tensor, worker) === undefined);
  }

  #tensorsOf(args: readonly Argument[], label: string): RemoteTensor[] {
    const tensors: RemoteTensor[] = [];
    for (const argument of args) {
      for (const handle of handlesIn(argument)) tensors.push(this.#tensors.usable(handle, label));
    }
    return tensors;
  }
}
