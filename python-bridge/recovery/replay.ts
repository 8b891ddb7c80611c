import { type MlxRouterError, ProtocolError, TensorLostError } from '../../foundation/errors/errors.ts';
import { publicName } from '../../registry/registry.ts';
import type { Call, PythonWorker } from '../requests/call.ts';
import { exitBehind } from '../requests/failures.ts';
import type { Requests } from '../requests/requests.ts';
import type { Steps } from '../requests/steps.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import type { Transfer } from '../tensors/transfer.ts';
import { FrameType } from '../wire/frames.ts';
import { forEachOrigin, Leaf, Lost, type Origin, Step } from './origin.ts';
import type { Plan } from './plan.ts';
import { MOST_EXITS } from './trial.ts';

const LABEL = 'the recovery of arrays';
/** Requests that are sent before the answer to the first is looked at. */
const WINDOW = 1024;

interface ReplayParts {
  readonly tensors: TensorTable;
  readonly requests: Requests;
  readonly transfer: Transfer;
  readonly worker: PythonWorker;
  readonly plan: Plan;
  readonly kept: ReadonlySet<Origin>;
}

/** Makes in one worker what a plan says. */
export class Replay {
  readonly #tensors: TensorTable;
  readonly #requests: Requests;
  readonly #transfer: Transfer;
  readonly #worker: PythonWorker;
  readonly #plan: Plan;
  readonly #kept: ReadonlySet<Origin>;
  readonly #ids = new Map<Origin, number>();
  readonly #calls: { readonly call: Call; readonly step: Step | null }[] = [];
  #learned = false;
  /** `kept`: what is to be there afterwards; everything else is freed as soon as nothing needs it. */
  constructor({ tensors, requests, transfer, worker, plan, kept }: ReplayParts) {
    this.#tensors = tensors;
    this.#requests = requests;
    this.#transfer = transfer;
    this.#worker = worker;
    this.#plan = plan;
    this.#kept = kept;
  }

  /** Sends all of it, and waits for the answers. Whether all went well. */
  *run(foreign: ReadonlyMap<Origin, Uint8Array>): Steps<boolean> {
    for (const item of this.#plan.order) {
      if (item instanceof Step) this.#repeat(item);
      else this.#bring(item, foreign);
      if (this.#calls.length >= WINDOW && !(yield* this.#settle())) return false;
    }
    return yield* this.#settle();
  }

  /** Whether some step turned out to be impossible, so that the next plan will leave it out. */
  get learned(): boolean {
    return this.#learned;
  }

  /** The number in the worker. */
  idOf(origin: Origin): number {
    const id = this.#ids.get(origin) ?? (origin.tensor?.holder === this.#worker ? origin.tensor.id : undefined);
    if (id === undefined) throw new TensorLostError('it was freed meanwhile');
    return id;
  }

  /** Takes the number over: it is the caller's to free. */
  take(origin: Origin): number | undefined {
    const id = this.#ids.get(origin);
    this.#ids.delete(origin);
    return id;
  }

  /** Frees what was not taken. */
  discard(): void {
    for (const id of this.#ids.values()) this.#tensors.discard(this.#worker, id);
    this.#ids.clear();
  }

  #bring(origin: Origin, foreign: ReadonlyMap<Origin, Uint8Array>): void {
    const { how, tensor } = origin;
    const bytes = foreign.get(origin) ?? (how instanceof Leaf ? how.bytes : undefined);
    const { shape, dtype } = how instanceof Leaf ? how : (tensor ?? { shape: [], dtype: undefined });
    if (bytes === undefined || dtype === undefined) throw new Error('there are no bytes to bring');
    const { id, call } = this.#transfer.bring(this.#worker, bytes, shape, dtype);
    this.#ids.set(origin, id);
    this.#calls.push({ call, step: null });
  }

  #repeat(step: Step): void {
    const { code, encode } = this.#requests.knownTo(this.#worker, step.operation);
    const args = encode(step.args, (handle) => this.idOf(handle as Origin));
    const needed = this.#plan.outputs.get(step) ?? [];
    const ids = Array.from({ length: Math.max(step.outputs, 1) }, () => this.#tensors.reserve());
    const header: Record<string, unknown> = { op: code, out: ids[0], args };
    if (step.outputs !== -1) header['outs'] = ids;
    if (step.stream !== undefined) header['stream'] = [step.stream.device, step.stream.index];
    const call = this.#requests.send(this.#worker, { type: FrameType.CALL, header, label: LABEL, background: true });
    this.#calls.push({ call, step });
    for (const origin of needed) this.#ids.set(origin, ids[origin.output] as number);
    const used = new Set(needed.map(({ output }) => output));
    for (const [output, id] of ids.entries()) if (!used.has(output)) this.#tensors.discard(this.#worker, id);
    forEachOrigin(step.args, (parent) => this.#used(parent));
  }

  #used(parent: Origin): void {
    const left = (this.#plan.uses.get(parent) ?? 0) - 1;
    this.#plan.uses.set(parent, left);
    const id = this.#ids.get(parent);
    if (left > 0 || id === undefined || this.#kept.has(parent)) return;
    this.#ids.delete(parent);
    this.#tensors.discard(this.#worker, id);
  }

  /** Waits for the last one, behind which all others are answered. */
  *#settle(): Steps<boolean> {
    const last = this.#calls.at(-1);
    if (last !== undefined && !last.call.settled) yield* this.#requests.settled(last.call);
    let fine = true;
    for (const { call, step } of this.#calls.splice(0)) {
      try {
        this.#requests.answer(call.reply, step?.operation);
        // The exits that it was near had another cause.
        if (step !== null) step.exits = 0;
      } catch (error) {
        fine = false;
        if (step !== null) this.#learned = attribute(step, error) || this.#learned;
      }
    }
    return fine;
  }
}

/** Why it went wrong with that step, unless it did with one before it, or with the worker. Whether it is clear now. */
function attribute(step: Step, error: unknown): boolean {
  const report = exitBehind(error);
  if (report?.suspect) step.exits += 1;
  if (step.exits >= MOST_EXITS) {
    step.failure = new Lost(`${MOST_EXITS} workers died while ${publicName(step.operation)} was repeated`);
  } else if (report === undefined && !(error instanceof ProtocolError)) {
    // The others are answered with a missing argument.
    const failure = step.deferred ? { error: error as MlxRouterError, seen: false } : null;
    step.failure = new Lost((error as Error).message, failure);
  }
  return step.failure !== null;
}
