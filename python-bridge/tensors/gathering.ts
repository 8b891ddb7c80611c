import type { Recovery } from '../recovery/recovery.ts';
import { Trial } from '../recovery/trial.ts';
import type { Deadline, PythonWorker } from '../requests/call.ts';
import { runBlocking, runInTurns, type Steps, waitFor } from '../requests/steps.ts';
import type { Place } from '../workers/place.ts';
import { holderOfMost } from '../workers/placement.ts';
import type { Pool } from '../workers/pool.ts';
import type { RemoteTensor } from './remote-tensor.ts';
import type { TensorTable } from './tensor-table.ts';
import type { Transfer } from './transfer.ts';

/** Where a call is to run: a worker, or a place whose worker may have to start. */
interface Target {
  readonly worker: PythonWorker | null;
  /** null: any worker will do. */
  readonly place: Place | null;
}

/** A call whose tensors are to come together. */
export interface Gathered {
  readonly tensors: readonly RemoteTensor[];
  readonly label: string;
  readonly deadline: Deadline;
  readonly signal: AbortSignal | undefined;
}

interface GatheringParts {
  readonly pool: Pool;
  readonly tensors: TensorTable;
  readonly transfer: Transfer;
  readonly recovery: Recovery;
}

/** Brings a call and its tensors to one worker: that of the session, or else the one that holds most of them. */
export class Gathering {
  readonly #pool: Pool;
  readonly #tensors: TensorTable;
  readonly #transfer: Transfer;
  readonly #recovery: Recovery;

  constructor({ pool, tensors, transfer, recovery }: GatheringParts) {
    this.#pool = pool;
    this.#tensors = tensors;
    this.#transfer = transfer;
    this.#recovery = recovery;
  }

  /** Where the call can run at once; null if a worker must start or have room, or a tensor must come over or be made again. */
  now(tensors: readonly RemoteTensor[]): PythonWorker | null {
    const worker = this.#areHeld(tensors) ? this.#target(tensors).worker : null;
    if (worker === null || this.#pool.flow.isFull(worker)) return null;
    return this.#missing(tensors, worker) === undefined ? worker : null;
  }

  /** Blocks while a worker starts, and while tensors travel or are made again. */
  gather(tensors: readonly RemoteTensor[], label: string, deadline: Deadline): PythonWorker {
    return runBlocking(this.#gathering({ tensors, label, deadline, signal: undefined }, (worker) => worker));
  }

  /** The same without blocking. `send` runs in the turn that finds everything there: in a later one others may have moved it. */
  gatherAsync<T>(call: Gathered, send: (worker: PythonWorker) => T): Promise<T> {
    return runInTurns(this.#gathering(call, send));
  }

  *#gathering<T>({ tensors, label, deadline, signal }: Gathered, send: (worker: PythonWorker) => T): Steps<T> {
    const trial = new Trial();
    for (;;) {
      signal?.throwIfAborted();
      for (const tensor of tensors) {
        yield* waitFor(
          () => this.#tensors.usable(tensor, label),
          () => this.#recovery.usableAsync(tensor, label),
        );
      }
      // While one was made again, another one's worker may have exited.
      if (!this.#areHeld(tensors)) continue;
      const { worker, place } = this.#target(tensors);
      const there = worker ?? (yield* place?.ensuring(deadline) ?? this.#pool.finding(deadline));
      if (yield* this.#queued(there, deadline, label, signal)) continue;
      // Others may have moved things while this one waited.
      const held = this.#areHeld(tensors);
      const missing = held ? this.#missing(tensors, there) : undefined;
      if (missing !== undefined) {
        const carrying = this.#transfer.carrying(missing, there, this.#stays(missing), deadline);
        yield* this.#recovery.trying(trial, carrying);
      } else if (held && there.exit === null) {
        return send(there);
      }
    }
  }

  /** Waits for room in the worker, and says whether it had to. Calls that a thread blocks for need none. */
  *#queued(worker: PythonWorker, deadline: Deadline, label: string, signal: AbortSignal | undefined): Steps<boolean> {
    const { flow } = this.#pool;
    if (!flow.isFull(worker)) return false;
    return yield* waitFor(
      () => false,
      async () => {
        await flow.room(worker, deadline, label, signal);
        return true;
      },
    );
  }

  #target(tensors: readonly RemoteTensor[]): Target {
    const holder = holderOfMost(tensors);
    const place = this.#pool.placeOfSession(holder);
    if (place !== null) return { worker: place.worker, place };
    if (holder === null) return { worker: this.#pool.ready, place: null };
    if (holder.retiring === null) return { worker: holder, place: null };
    const next = this.#pool.placeAfter(holder);
    return { worker: next.worker, place: next };
  }

  /** Inside a session tensors of others are copied, so that these find them where they were. */
  #stays(tensor: RemoteTensor): boolean {
    return this.#pool.sessions.current !== undefined && tensor.holder.retiring === null;
  }

  /** Whether a running worker holds each of them. */
  #areHeld(tensors: readonly RemoteTensor[]): boolean {
    return tensors.every((tensor) => this.#tensors.isHeld(this.#tensors.get(tensor)));
  }

  #missing(tensors: readonly RemoteTensor[], worker: PythonWorker): RemoteTensor | undefined {
    return tensors.find((tensor) => this.#tensors.idAt(tensor, worker) === undefined);
  }
}
