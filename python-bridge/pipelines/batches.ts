import type { CallContext, DeferralOptions, DeferredCall, TensorInfo } from '../../backend/backend.ts';
import type { MlxRouterError } from '../../foundation/errors/errors.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { tensorCallOf } from '../../registry/arguments/tensor-call.ts';
import type { Operation } from '../../registry/operation.ts';
import type { Checkpoints } from '../recovery/checkpoints.ts';
import type { Lineage } from '../recovery/lineage.ts';
import { Step } from '../recovery/origin.ts';
import type { Recovery } from '../recovery/recovery.ts';
import type { Call, PythonWorker } from '../requests/call.ts';
import type { Conversation } from '../requests/conversation.ts';
import { EVAL_LABEL } from '../requests/failures.ts';
import type { Requests } from '../requests/requests.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import type { Resolved, TensorTable } from '../tensors/tensor-table.ts';
import type { Transfer } from '../tensors/transfer.ts';
import { FrameType } from '../wire/frames.ts';
import { pack, unpack } from '../wire/msgpack.ts';
import type { NumberedOperation, OperationTable } from '../wire/operation-table.ts';
import type { Pool } from '../workers/pool.ts';
import { ABSENT, Batch } from './batch.ts';
import type { TensorStore } from './constants.ts';
import type { DeferredTensor } from './deferred-tensor.ts';
import type { Failures } from './failures.ts';
import { Outcomes } from './outcomes.ts';
import { type Failure, type Sender, Span } from './span.ts';
import { isMadeAgain } from './unanswered.ts';

const LABEL = 'mx.pipeline';
/** Operations in the first batch behind a wait; each next one is twice as large, up to the most. */
const FEWEST_OPERATIONS = 64;
const MOST_OPERATIONS = 1024;
/** Packed calls of so many bytes are sent at once. */
const MOST_ITEM_BYTES = 256 * 1024;
/** Batches on their way to one worker; with more, the caller waits until half of them are answered. */
const MOST_UNANSWERED = 16;
/** After so many operations those results are collected that were dropped at once: small tables stay in the caches. */
const YOUNG_OPERATIONS = 4096;

interface Stream {
  limit: number;
  /** How many tensors' numbers the worker knows. */
  places: number;
  readonly unanswered: Call[];
}

interface BatchesParts {
  readonly pool: Pool;
  readonly operations: OperationTable;
  readonly tensors: TensorTable;
  readonly requests: Requests;
  readonly failures: Failures;
  readonly lineage: Lineage;
  readonly checkpoints: Checkpoints;
  readonly recovery: Recovery;
  readonly transfer: Transfer;
}

/** Operations that are sent many at a time and not waited for: how they are recorded, sent and answered. */
export class Batches implements Sender {
  readonly #pool: Pool;
  readonly #conversation: Conversation;
  readonly #operations: OperationTable;
  readonly #tensors: TensorTable;
  readonly #requests: Requests;
  readonly #failures: Failures;
  readonly #lineage: Lineage;
  readonly #checkpoints: Checkpoints;
  readonly #recovery: Recovery;
  readonly store: TensorStore;
  /** Those recorded or under way, whose nodes the journal has to keep. */
  readonly #underWay = new Set<Batch>();
  readonly #streams = new Map<PythonWorker, Stream>();
  readonly #outcomes: Outcomes;
  /** Which span the running code's calls belong to. */
  current: (() => Span | undefined) | null = null;
  #operationsSince = 0;
  #sendScheduled = false;

  constructor(parts: BatchesParts) {
    this.#pool = parts.pool;
    this.#conversation = parts.pool.conversation;
    this.#operations = parts.operations;
    this.#tensors = parts.tensors;
    this.#outcomes = new Outcomes(parts.tensors);
    this.#requests = parts.requests;
    this.#failures = parts.failures;
    this.#lineage = parts.lineage;
    this.#checkpoints = parts.checkpoints;
    this.#recovery = parts.recovery;
    const { tensors, lineage, transfer } = parts;
    this.store = {
      create(worker, bytes, dtype) {
        const { id } = transfer.bring(worker, bytes, [], dtype);
        const handle = tensors.adopt(id, id, worker, { dtype, shape: [] });
        lineage.brought(tensors.get(handle), bytes);
        return handle;
      },
      isAlive: (handle) => tensors.isAlive(handle),
      free: (handle) => tensors.free(handle),
    };
  }

  /**
   * Where the pipeline of the running code makes what depends on no tensor: where its last call went; null: there is none.
   * Its batches are load for that worker: an idle one would get some of what a program computes with, which then had to move.
   */
  get worker(): PythonWorker | null {
    const worker = this.current?.()?.worker ?? null;
    return worker !== null && worker.exit === null && worker.retiring === null ? worker : null;
  }

  holderOf(handle: Handle): PythonWorker | null {
    const { holder } = this.#tensors.get(handle);
    return holder.exit === null ? holder : null;
  }

  open(options: DeferralOptions): Span {
    return new Span(this, options);
  }

  /** The short way of an operation of tensors alone. */
  short(operation: Operation): DeferredCall | undefined {
    if (operation.python === null || tensorCallOf(operation) === undefined) return undefined;
    const { code, label } = this.#operations.numbered(operation);
    const tensors = this.#tensors;
    const lineage = this.#lineage;
    const { journal } = lineage;
    const { sessions } = this.#pool;
    const rule = this.#outcomes.rule();
    const formOf = (tensor: RemoteTensor) => tensor.outcome?.form ?? this.#outcomes.formOf(tensor);
    return (deferral, a, b, c) => {
      const first = tensors.usable(a, label);
      const worker = first.holder;
      const second = b === null ? null : tensors.usable(b, label);
      const third = c === null ? null : tensors.usable(c, label);
      if ((second !== null && second.holder !== worker) || (third !== null && third.holder !== worker)) return null;
      // Numbers of the worker's own are no places in its list.
      if (first.id < 0 || (second !== null && second.id < 0) || (third !== null && third.id < 0)) return null;
      // A session works in a worker of its own.
      if (sessions.current !== undefined && this.#pool.placeOfSession(worker)?.worker !== worker) return null;
      let counted = first.counted;
      if (second !== null && second.counted > counted) counted = second.counted;
      if (third !== null && third.counted > counted) counted = third.counted;
      const batch = this.#begin(worker, code, deferral as Span);
      const outcome = rule(
        formOf(first),
        second === null ? undefined : formOf(second),
        third === null ? undefined : formOf(third),
      );
      let node = 0;
      if (lineage.enabled) {
        const x = journal.nodeOf(first);
        const y = second === null ? 0 : journal.nodeOf(second);
        node = journal.note(code, x, y, third === null ? 0 : journal.nodeOf(third));
      }
      const handle = tensors.defer(worker, outcome, outcome?.form?.bytes ?? counted, this, node);
      if (outcome !== null && outcome.form === null) this.#outcomes.want(handle);
      if (third !== null) batch.callTernary(code, handle.slot, first.id, (second as RemoteTensor).id, third.id, node);
      else batch.call(code, handle.slot, first.id, second === null ? ABSENT : second.id, node);
      if (batch.operations >= batch.limit) batch.send();
      return handle;
    };
  }

  /** Any other call whose result is one tensor; null where its arguments are functions, or too large to be kept back. */
  call(worker: PythonWorker, numbered: NumberedOperation, resolved: Resolved, context: CallContext): Handle | null {
    const { operation, code, label, encode, whyNotRepeatable } = numbered;
    const { args, hasCallbacks } = resolved;
    if (hasCallbacks) return null;
    let counted = 0;
    const values = encode(args, (item) => {
      const tensor = item as RemoteTensor;
      if (tensor.counted > counted) counted = tensor.counted;
      return this.#tensors.idOf(tensor, worker, label);
    });
    const outcome = this.#outcomes.of(numbered, args);
    const stream = context.stream === undefined ? null : [context.stream.device, context.stream.index];
    const making = this.#lineage.calling(operation, args, context.stream, whyNotRepeatable?.(args));
    if (making instanceof Step) making.deferred = true;
    const batch = this.#begin(worker, code, context.deferral as Span);
    // The bytes are good until anything else is packed.
    const packed = pack({ op: code, args: values, stream });
    if (packed.length > MOST_ITEM_BYTES) {
      this.#lineage.made(making, []);
      return null;
    }
    const handle = this.#tensors.defer(worker, outcome, outcome?.form?.bytes ?? counted, this, 0);
    if (outcome !== null && outcome.form === null) this.#outcomes.want(handle);
    const tensor = this.#tensors.get(handle);
    this.#lineage.madeOne(making, tensor);
    batch.item(handle.slot, packed, this.#lineage.enabled ? this.#lineage.journal.nodeOf(tensor) : 0);
    if (batch.operations >= batch.limit || batch.itemBytes >= MOST_ITEM_BYTES) batch.send();
    return handle;
  }

  /** Shape and dtype of a result, which only its worker knows. Waits for it. */
  describe(tensor: DeferredTensor): TensorInfo {
    return this.#recovery.insist(() => this.#describe(tensor));
  }

  #describe(tensor: DeferredTensor): TensorInfo {
    if (tensor.holder.exit !== null) this.#tensors.restore(tensor, EVAL_LABEL);
    const others = this.#outcomes.takeWanted(tensor);
    const beside = others.map(({ id }) => id);
    const call = this.#requests.send(tensor.holder, {
      type: FrameType.DESCRIBE,
      header: beside.length === 0 ? { tensor: tensor.id } : { tensor: tensor.id, beside },
      label: EVAL_LABEL,
    });
    const { t, beside: reported } = this.#requests.answer(this.#requests.waits.wait(call));
    for (const [i, other] of others.entries()) {
      const description = Array.isArray(reported) ? reported[i] : undefined;
      if (Array.isArray(description)) this.#outcomes.learn(other, description);
    }
    return this.#outcomes.learn(tensor, t);
  }

  sendAll(): void {
    for (const worker of this.#conversation.workers) worker.batch?.send();
    this.#tensors.closeBlock();
  }

  wait(call: Call): void {
    try {
      this.#conversation.waits.wait(call);
    } catch {
      // The span gets it when the call settles.
    }
  }

  async promise(call: Call): Promise<void> {
    await this.#conversation.waits.promise(call).catch(() => undefined);
  }

  finish(exited: PythonWorker): void {
    this.#recovery.finish(exited);
  }

  finishAsync(exited: PythonWorker): Promise<void> {
    return this.#recovery.finishAsync(exited);
  }

  #begin(worker: PythonWorker, code: number, span: Span): Batch {
    if (code >= worker.defined) this.#requests.define(worker);
    const batch = worker.batch ?? this.#open(worker);
    batch.enter(span);
    span.worker = worker;
    return batch;
  }

  #open(worker: PythonWorker): Batch {
    const batch = new Batch(worker, this.#streamOf(worker).limit, (recorded) => this.#send(recorded));
    worker.record(batch);
    this.#underWay.add(batch);
    this.#scheduleSend();
    return batch;
  }

  #streamOf(worker: PythonWorker): Stream {
    let stream = this.#streams.get(worker);
    if (stream === undefined) {
      stream = { limit: FEWEST_OPERATIONS, places: 0, unanswered: [] };
      this.#streams.set(worker, stream);
      worker.onExit(() => {
        // What was never sent fails as what was.
        worker.batch?.send();
        this.#streams.delete(worker);
      });
    }
    return stream;
  }

  /** What a turn has left over goes at its end, so that the worker computes while this process does not. */
  #scheduleSend(): void {
    if (this.#sendScheduled) return;
    this.#sendScheduled = true;
    setImmediate(() => {
      this.#sendScheduled = false;
      this.sendAll();
    }).unref();
  }

  #send(batch: Batch): void {
    const { worker } = batch;
    if (worker.batch !== batch) return;
    // Frees that are found now belong behind the operations recorded so far.
    this.#operationsSince += batch.operations;
    this.#tensors.sweep(this.#operationsSince >= YOUNG_OPERATIONS);
    if (this.#operationsSince >= YOUNG_OPERATIONS) this.#operationsSince = 0;
    if (worker.batch !== batch) return;
    worker.record(null);
    if (batch.isEmpty) {
      this.#underWay.delete(batch);
      return;
    }
    const stream = this.#streamOf(worker);
    const full = batch.operations >= batch.limit;
    stream.limit = full ? Math.min(2 * batch.limit, MOST_OPERATIONS) : FEWEST_OPERATIONS;
    const { bytes, records } = batch.payload();
    const header: Record<string, unknown> = batch.itemBytes === 0 ? {} : { records };
    if (this.#tensors.size > stream.places) {
      stream.places = this.#tensors.size;
      header['tensors'] = stream.places;
    }
    // A deadline of the code that fills the batch must not leave results without a worker that knows of them.
    const budget = this.#requests.callTimeoutMs;
    const call = this.#requests.send(
      worker,
      {
        type: FrameType.PIPELINE,
        header,
        payload: bytes,
        label: LABEL,
        budget,
      },
      true,
    );
    for (const span of batch.spans) span.sent(call);
    stream.unanswered.push(call);
    call.onSettled(() => {
      stream.unanswered.splice(stream.unanswered.indexOf(call), 1);
      this.#underWay.delete(batch);
      this.#answered(call, batch);
    });
    if (this.#lineage.journal.isDue) this.#tidy();
    if (full && stream.unanswered.length >= MOST_UNANSWERED) {
      this.wait(stream.unanswered[stream.unanswered.length >> 1] as Call);
    }
  }

  #answered(call: Call, batch: Batch): void {
    for (const span of batch.spans) span.answered(call);
    let header: ReturnType<typeof unpack>;
    try {
      header = call.reply.header.length === 0 ? {} : unpack(call.reply.header);
      if (call.reply.type !== FrameType.PIPELINED) this.#requests.answer(call.reply);
    } catch (error) {
      if (isMadeAgain(batch, error, this.#lineage, this.#recovery)) return;
      const failure: Failure = { error: error as MlxRouterError, seen: false };
      for (const span of batch.spans) span.fail([failure], 1);
      for (const node of batch.nodes) this.#lineage.journal.failed(node, failure);
      return;
    }
    const reported = header['failures'];
    if (!Array.isArray(reported)) return;
    let unnamed = Number(header['failed']);
    for (const one of reported) {
      const failure = this.#failures.add(batch.worker.id, one, batch);
      this.#lineage.journal.failed(batch.nodes[Number(one.origin[1])] ?? 0, failure);
      unnamed -= 1;
      batch.spanOf(Number(one.origin[1]))?.fail([failure], unnamed < 0 ? 0 : 1);
    }
    if (unnamed > 0) for (const span of [...batch.spans].slice(-1)) span.fail([], unnamed);
  }

  /** Drops what the journal need not remember. */
  #tidy(): void {
    const pinned = [...this.#underWay].map(({ nodes }) => nodes);
    this.#lineage.journal.compact(this.#tensors.living(), this.#lineage.roots, pinned);
    this.#checkpoints.cutJournal();
  }
}
