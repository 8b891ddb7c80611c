import type { Argument, Handle } from '../registry/values.ts';
import type { Incarnation } from './call.ts';
import type { Deadline } from './deadline.ts';
import type { Recovery } from './lineage/recovery.ts';
import { Trial } from './lineage/trial.ts';
import type { Place } from './place.ts';
import { homeOfMost } from './placement.ts';
import type { Pool } from './pool.ts';
import type { RemoteTensor, TensorTable } from './tensor-table.ts';
import type { Transfer } from './transfer.ts';
import { handlesIn } from './wire/arguments.ts';

/** Where a call is to run: a worker, or a place whose worker may have to start. */
interface Target {
  readonly worker: Incarnation | null;
  /** null: any worker will do. */
  readonly place: Place | null;
}

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

  /** Where the call can run at once; null if a worker must start or have room, or a tensor must come over or be made again. */
  now(args: readonly Argument[]): Incarnation | null {
    const tensors = this.#held(args);
    const worker = tensors === null ? null : this.#target(tensors).worker;
    if (tensors === null || worker === null || this.#pool.flow.isFull(worker)) return null;
    return this.#missing(tensors, worker) === undefined ? worker : null;
  }

  /** Sleeps while a worker starts, and while tensors travel or are made again. */
  gather(args: readonly Argument[], label: string, deadline: Deadline): Incarnation {
    const trial = new Trial();
    for (;;) {
      for (const handle of handlesOf(args)) this.#tensors.usable(handle, label);
      const tensors = this.#held(args);
      // While one was made again, another one's worker may have died.
      if (tensors === null) continue;
      const { worker, place } = this.#target(tensors);
      const there = worker ?? place?.ensure(deadline) ?? this.#pool.any(deadline);
      const missing = this.#missing(tensors, there);
      if (missing === undefined) return there;
      this.#recovery.tried(trial, () => this.#transfer.carry(missing, there, this.#stays(missing), deadline));
    }
  }

  /** The same without sleeping. `send` runs in the turn that finds everything there: in a later one others may have moved it. */
  async gatherAsync<T>(
    args: readonly Argument[],
    label: string,
    deadline: Deadline,
    signal: AbortSignal | undefined,
    send: (worker: Incarnation) => T,
  ): Promise<T> {
    const trial = new Trial();
    for (;;) {
      signal?.throwIfAborted();
      for (const handle of handlesOf(args)) await this.#recovery.usableAsync(handle, label);
      const before = this.#held(args);
      if (before === null) continue;
      const { worker, place } = this.#target(before);
      const there = worker ?? (await (place?.ensureAsync(deadline) ?? this.#pool.anyAsync(deadline)));
      if (this.#pool.flow.isFull(there)) {
        await this.#pool.flow.room(there, deadline, label, signal);
        continue;
      }
      // Others may have moved things while this one waited.
      const tensors = this.#held(args);
      const missing = tensors === null ? undefined : this.#missing(tensors, there);
      if (missing !== undefined) {
        const stays = this.#stays(missing);
        await this.#recovery.triedAsync(trial, () => this.#transfer.carryAsync(missing, there, stays, deadline));
      } else if (tensors !== null && there.death === null) {
        return send(there);
      }
    }
  }

  #target(tensors: readonly RemoteTensor[]): Target {
    const home = homeOfMost(tensors);
    const place = this.#pool.placeOfSession(home);
    if (place !== null) return { worker: place.worker, place };
    if (home === null) return { worker: this.#pool.ready, place: null };
    if (home.retiring === null) return { worker: home, place: null };
    const next = this.#pool.placeAfter(home);
    return { worker: next.worker, place: next };
  }

  /** Inside a session tensors of others are copied, so that these find them where they were. */
  #stays(tensor: RemoteTensor): boolean {
    return this.#pool.sessions.current !== undefined && tensor.home.retiring === null;
  }

  /** The tensors; null if a living worker does not hold each of them. */
  #held(args: readonly Argument[]): RemoteTensor[] | null {
    const tensors = handlesOf(args).map((handle) => this.#tensors.get(handle));
    return tensors.every((tensor) => this.#tensors.isHeld(tensor)) ? tensors : null;
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
