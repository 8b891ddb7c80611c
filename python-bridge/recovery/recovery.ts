import { rescued } from '../../foundation/afterwards.ts';
import { TensorLostError } from '../../foundation/errors/errors.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { publicName } from '../../registry/registry.ts';
import { type Call, Deadline, type PythonWorker } from '../requests/call.ts';
import { describeExit } from '../requests/failures.ts';
import type { Requests } from '../requests/requests.ts';
import { runBlocking, runInTurns, type Steps, waitFor } from '../requests/steps.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import type { Transfer } from '../tensors/transfer.ts';
import { FrameType } from '../wire/frames.ts';
import type { Pool } from '../workers/pool.ts';
import type { Lineage, Making } from './lineage.ts';
import { forEachOrigin, Lost, type Origin, Step } from './origin.ts';
import { type Plan, planFor } from './plan.ts';
import { Replay } from './replay.ts';
import { Trial } from './trial.ts';

/** Plans that may fail because something changed meanwhile, before the arrays count as lost. */
const MOST_PLANS = 6;

/** A call under way: the number that its result will have in the worker, and how that is made. */
export interface Begun {
  /** Another one, once it was made again. */
  call: Call;
  readonly slot: number;
  readonly making: Making;
}

/** Calls that were not waited for, and whose answer went with their worker. */
export interface Unanswered {
  /** Their results', which are held. */
  readonly origins: readonly Origin[];
  /** They have been made again; what cannot be is lost. */
  done(): void;
}

interface RecoveryParts {
  readonly pool: Pool;
  readonly tensors: TensorTable;
  readonly requests: Requests;
  readonly transfer: Transfer;
  readonly lineage: Lineage;
}

/** Restores what was lost with a worker, on the next use of any of it. */
export class Recovery {
  readonly #pool: Pool;
  readonly #tensors: TensorTable;
  readonly #requests: Requests;
  readonly #transfer: Transfer;
  readonly #lineage: Lineage;
  /** Those under way in turns of the event loop. */
  readonly #restoring = new Map<PythonWorker, Promise<void>>();

  readonly #unanswered = new Map<PythonWorker, Unanswered[]>();

  constructor({ pool, tensors, requests, transfer, lineage }: RecoveryParts) {
    this.#pool = pool;
    this.#tensors = tensors;
    this.#requests = requests;
    this.#transfer = transfer;
    this.#lineage = lineage;
    tensors.restorer = (tensor) => {
      while (this.#isRestorable(tensor)) runBlocking(this.#restore(tensor.holder));
    };
  }

  /** The tensor in a running worker, where it is made again if need be, as the table does by itself where it may block. */
  async usableAsync(handle: Handle, label: string): Promise<RemoteTensor> {
    for (;;) {
      const restoration = this.restoration(handle);
      if (restoration === undefined) return this.#tensors.usable(handle, label);
      await restoration;
    }
  }

  /** What to wait for before the tensor is asked for again; undefined where there is no need to wait. */
  restoration(handle: Handle): Promise<void> | undefined {
    const tensor = this.#tensors.get(handle);
    return this.#isRestorable(tensor) ? this.#restoreAsync(tensor.holder) : undefined;
  }

  /** They are made again with the first tensor of that worker that is, or by `finish`. */
  unanswered(exited: PythonWorker, calls: Unanswered): void {
    const others = this.#unanswered.get(exited);
    if (others === undefined) this.#unanswered.set(exited, [calls]);
    else others.push(calls);
  }

  /** Makes again what the worker has not answered. */
  finish(exited: PythonWorker): void {
    while (this.#unanswered.has(exited)) runBlocking(this.#restore(exited));
  }

  async finishAsync(exited: PythonWorker): Promise<void> {
    while (this.#unanswered.has(exited)) await this.#restoreAsync(exited);
  }

  /** Runs what asks a worker for something, or promises it, again if the worker exits meanwhile. */
  insist<T>(ask: () => T): T {
    const trial = new Trial();
    const attempt = (): T =>
      rescued(ask, (error) => {
        this.#again(trial, error);
        return attempt();
      });
    return attempt();
  }

  /** One attempt; null if its worker has exited and another one is worth it. */
  *trying<T>(trial: Trial, attempt: Steps<T>): Steps<T | null> {
    try {
      return yield* attempt;
    } catch (error) {
      this.#again(trial, error);
      return null;
    }
  }

  /** Makes a call again whose worker has exited, until it is answered; its arguments may be freed by then. */
  repeat(begun: Begun, error: unknown): void {
    runBlocking(this.#repeatUntilAnswered(begun, error));
  }

  async repeatAsync(begun: Begun, error: unknown): Promise<void> {
    await runInTurns(this.#repeatUntilAnswered(begun, error));
  }

  *#repeatUntilAnswered(begun: Begun, first: unknown): Steps<void> {
    const trial = new Trial();
    for (let error = first; ; ) {
      const step = this.#stepToRepeat(trial, begun.making, error);
      const { worker } = begun.call;
      yield* waitFor(
        () => runBlocking(this.#restore(worker)),
        () => this.#restoreAsync(worker),
      );
      begun.call = yield* this.#repeat(step, begun.slot, worker);
      try {
        void begun.call.reply;
        return;
      } catch (again) {
        error = again;
      }
    }
  }

  #stepToRepeat(trial: Trial, making: Making, error: unknown): Step {
    if (!(making instanceof Step)) throw error;
    this.#again(trial, error);
    return making;
  }

  #again(trial: Trial, error: unknown): void {
    if (!this.#lineage.enabled) throw error;
    trial.again(error);
  }

  #isRestorable(tensor: RemoteTensor): boolean {
    return !this.#tensors.isHeld(tensor) && this.#lineage.isRepeatable(tensor);
  }

  /** All at once: most were made from the same things. */
  *#restore(exited: PythonWorker): Steps<void> {
    for (let plans = 1; ; plans++) {
      const worker = yield* this.#pool.placeAfter(exited).ensuring(Deadline.never());
      const unanswered = [...(this.#unanswered.get(exited) ?? [])];
      const lost = new Set(unanswered.flatMap(({ origins }) => origins));
      for (const origin of this.#originsIn(exited)) lost.add(origin);
      if (lost.size === 0 && unanswered.length === 0) return;
      const plan = planFor(lost, worker);
      const replay = yield* this.#replay(plan, worker, lost);
      if (replay === 'learned') plans -= 1;
      else if (replay !== null || plans >= MOST_PLANS) {
        for (const origin of lost) this.#restored(origin, exited, worker, plan, replay);
        replay?.discard();
        this.#conclude(exited, unanswered);
        return;
      }
    }
  }

  #conclude(exited: PythonWorker, unanswered: readonly Unanswered[]): void {
    const left = (this.#unanswered.get(exited) ?? []).filter((calls) => !unanswered.includes(calls));
    if (left.length === 0) this.#unanswered.delete(exited);
    else this.#unanswered.set(exited, left);
    for (const calls of unanswered) calls.done();
  }

  #restored(origin: Origin, exited: PythonWorker, worker: PythonWorker, plan: Plan, replay: Replay | null): void {
    const { tensor } = origin;
    const broken = plan.broken.get(origin);
    if (tensor !== null && tensor.holder !== exited) return;
    if (tensor === null) {
      // A result of what was not answered, which is not needed: only whether it can be made is of interest.
      if (broken !== undefined) this.#lineage.lose(origin, broken);
      return;
    }
    const id = replay?.take(origin);
    if (id === undefined) this.#lineage.lose(origin, broken ?? new Lost('it could not be made again'));
    else this.#tensors.move(tensor, worker, id);
  }

  *#repeat(step: Step, out: number, exited: PythonWorker): Steps<Call> {
    const label = publicName(step.operation);
    const parents = new Set<Origin>();
    forEachOrigin(step.args, (parent) => parents.add(parent));
    for (let plans = 1; ; plans++) {
      const worker = yield* this.#pool.placeAfter(exited).ensuring(Deadline.never());
      const plan = planFor(parents, worker);
      for (const parent of parents) {
        const reason = plan.broken.get(parent);
        if (reason !== undefined) throw reason.failure?.error ?? this.#lost(exited, reason.reason, label);
      }
      const replay = yield* this.#replay(plan, worker, parents);
      if (replay === 'learned') {
        plans -= 1;
        continue;
      }
      if (replay === null) {
        if (plans >= MOST_PLANS) throw this.#lost(exited, 'its arguments could not be made again', label);
        continue;
      }
      try {
        const { code, encode } = this.#requests.knownTo(worker, step.operation);
        const args = encode(step.args, (handle) => replay.idOf(handle as Origin));
        const header: Record<string, unknown> = { op: code, out, args };
        if (step.stream !== undefined) header['stream'] = [step.stream.device, step.stream.index];
        const call = this.#requests.send(worker, { type: FrameType.CALL, header, label });
        replay.discard();
        if (!call.settled) yield* this.#requests.settled(call);
        return call;
      } catch (error) {
        replay.discard();
        if (!(error instanceof TensorLostError) || plans >= MOST_PLANS) throw error;
      }
    }
  }

  /** Executes a plan; null if it has to be made anew, 'learned' if that will then leave something out. */
  *#replay(plan: Plan, worker: PythonWorker, kept: ReadonlySet<Origin>): Steps<Replay | 'learned' | null> {
    const replay = new Replay({
      tensors: this.#tensors,
      requests: this.#requests,
      transfer: this.#transfer,
      worker,
      plan,
      kept,
    });
    try {
      const foreign = yield* this.#fetch(plan.foreign);
      if (foreign !== null && worker.exit === null && (yield* replay.run(foreign))) return replay;
      replay.discard();
      return replay.learned ? 'learned' : null;
    } catch (error) {
      replay.discard();
      if (error instanceof TensorLostError) return null;
      throw error;
    }
  }

  /** The values of tensors in other workers; null if one of these exits or frees them. */
  *#fetch(foreign: readonly Origin[]): Steps<Map<Origin, Uint8Array> | null> {
    const bytes = new Map<Origin, Uint8Array>();
    const reads = foreign.map((origin) => ({
      origin,
      read: origin.tensor === null ? null : this.#transfer.fetch(origin.tensor),
    }));
    for (const { origin, read } of reads) {
      if (read === null) return null;
      if (!read.call.settled) yield* this.#requests.settled(read.call);
      try {
        bytes.set(origin, read.payload());
      } catch {
        return null;
      }
    }
    return bytes;
  }

  /** Every existing tensor of that worker whose making is known. */
  #originsIn(exited: PythonWorker): Origin[] {
    const origins: Origin[] = [];
    for (const tensor of this.#tensors.living()) {
      if (tensor.holder === exited && this.#isRestorable(tensor)) origins.push(this.#lineage.originOf(tensor));
    }
    return origins;
  }

  #lost(exited: PythonWorker, reason: string, operation: string): TensorLostError {
    const how = exited.exit === null ? 'its worker died' : describeExit(exited.exit);
    return new TensorLostError(`an argument is gone with its worker, and cannot be made again: ${reason}; ${how}`, {
      operation,
      implementation: 'python',
    });
  }

  #restoreAsync(exited: PythonWorker): Promise<void> {
    let restoration = this.#restoring.get(exited);
    if (restoration === undefined) {
      restoration = runInTurns(this.#restore(exited)).finally(() => this.#restoring.delete(exited));
      this.#restoring.set(exited, restoration);
    }
    return restoration;
  }
}
