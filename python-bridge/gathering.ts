import type { Argument, Handle } from '../registry/values.ts';
import type { Incarnation } from './call.ts';
import type { Recovery } from './lineage/recovery.ts';
import { Trial } from './lineage/trial.ts';
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
  readonly #recovery: Recovery;

  constructor(pool: Pool, tensors: TensorTable, transfer: Transfer, recovery: Recovery) {
    this.#pool = pool;
    this.#tensors = tensors;
    this.#transfer = transfer;
    this.#recovery = recovery;
  }

  /** Where the call can run at once; null if a worker must start, or a tensor must come over or be made again first. */
  now(args: readonly Argument[]): Incarnation | null {
    const tensors = handlesOf(args).map((handle) => this.#tensors.get(handle));
    if (!tensors.every((tensor) => this.#tensors.isHeld(tensor))) return null;
    const place = this.#pool.placeOfSession(tensors[0]?.home);
    if (place !== null) {
      const { worker } = place;
      return worker === null || this.#missing(tensors, worker) !== undefined ? null : worker;
    }
    const placement = placementOf(tensors);
    if (placement === null) return this.#pool.idle;
    return placement.stray === null ? placement.target : null;
  }

  /** Whether all of its tensors are in that worker. */
  isAt(args: readonly Argument[], worker: Incarnation): boolean {
    const tensors = handlesOf(args).map((handle) => this.#tensors.get(handle));
    return tensors.every((tensor) => this.#tensors.isHeld(tensor)) && this.#missing(tensors, worker) === undefined;
  }

  /** Sleeps while a worker starts, and while tensors travel or are made again. */
  gather(args: readonly Argument[], label: string): Incarnation {
    const trial = new Trial();
    for (;;) {
      const tensors = handlesOf(args).map((handle) => this.#tensors.usable(handle, label));
      // While one was made again, another one's worker may have died.
      if (!tensors.every((tensor) => this.#tensors.isHeld(tensor))) continue;
      const place = this.#pool.placeOfSession(tensors[0]?.home);
      if (place !== null) {
        const worker = place.ensure();
        const missing = this.#missing(tensors, worker);
        if (missing === undefined) return worker;
        this.#recovery.tried(trial, () => this.#transfer.copy(missing, worker));
        continue;
      }
      const placement = placementOf(tensors);
      if (placement === null) return this.#pool.any();
      const { target, stray } = placement;
      if (stray === null) return target;
      this.#recovery.tried(trial, () => this.#transfer.move(stray, target));
    }
  }

  async gatherAsync(args: readonly Argument[], label: string): Promise<Incarnation> {
    const trial = new Trial();
    for (;;) {
      for (const handle of handlesOf(args)) await this.#recovery.usableAsync(handle, label);
      const before = handlesOf(args).map((handle) => this.#tensors.get(handle));
      if (!before.every((tensor) => this.#tensors.isHeld(tensor))) continue;
      const place = this.#pool.placeOfSession(before[0]?.home);
      if (place !== null) {
        const worker = await place.ensureAsync();
        const missing = this.#missing(before, worker);
        if (missing === undefined) return worker;
        await this.#recovery.triedAsync(trial, () => this.#transfer.copyAsync(missing, worker));
        continue;
      }
      const placement = placementOf(before);
      if (placement === null) return this.#pool.anyAsync();
      const { target, stray } = placement;
      if (stray === null) return target;
      await this.#recovery.triedAsync(trial, () => this.#transfer.moveAsync(stray, target));
    }
  }

  #missing(tensors: readonly RemoteTensor[], worker: Incarnation): RemoteTensor | undefined {
    return tensors.find((tensor) => this.#tensors.idAt(tensor, worker) === undefined);
  }
}

function handlesOf(args: readonly Argument[]): Handle[] {
  const handles: Handle[] = [];
  for (const argument of args) for (const handle of handlesIn(argument)) handles.push(handle);
  return handles;
}
