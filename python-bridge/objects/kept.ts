import type { KeptAccess, KeptDescription, RemoteCall, RemoteStep } from '../../backend/remote-objects.ts';
import { ArgumentError, DisposedError, ProtocolError } from '../../foundation/errors/errors.ts';
import type { WaitOptions } from '../../registry/arguments/options.ts';
import { Deadline } from '../requests/call.ts';
import { workerError } from '../requests/failures.ts';
import type { Requests } from '../requests/requests.ts';
import { FrameType } from '../wire/frames.ts';
import type { Header } from '../wire/msgpack.ts';
import type { Pool } from '../workers/pool.ts';
import type { Asking } from './asking.ts';
import { Batcher, newWaiting, type Waiting } from './batcher.ts';
import { ValueDecoder } from './decoder.ts';
import type { Surroundings, ValueEncoder } from './encoder.ts';
import { labelOf } from './labels.ts';
import { ObjectPerWorker } from './object-per-worker.ts';
import type { ObjectReference } from './object-table.ts';
import type { Objects } from './objects.ts';
import type { WaitingRequests } from './waiting-requests.ts';
import { withLimit } from './with-limit.ts';

/** What a factory makes once in each worker. Calls go where there is least to do, one by one or in batches. */
export class Kept implements KeptAccess {
  readonly #name: string;
  readonly #requests: Requests;
  readonly #description: KeptDescription;
  readonly #in: Surroundings;
  readonly #asking: Asking;
  readonly #objects: Objects;
  readonly #clients: ObjectPerWorker;
  readonly #batchers = new Map<string, Batcher>();
  #released = false;

  constructor(
    name: string,
    description: KeptDescription,
    pool: Pool,
    requests: Requests,
    asking: Asking,
    surroundings: Surroundings,
    objects: Objects,
    waiting: WaitingRequests,
  ) {
    this.#name = name;
    this.#requests = requests;
    this.#description = description;
    this.#in = surroundings;
    this.#asking = asking;
    this.#objects = objects;
    this.#clients = new ObjectPerWorker(pool, waiting, async (worker) => {
      const [module = '', path = ''] = description.factory.split(':');
      const deadline = this.#ownDeadline();
      const factory = await objects.importAt(worker, module, deadline);
      try {
        const made = await objects.make(factory, path.split('.'), description, deadline);
        // It belongs to no session, whichever call came first.
        surroundings.objects.detach(made);
        surroundings.objects.unbind(made.lease);
        return made;
      } finally {
        surroundings.objects.putBack(factory);
      }
    });
  }

  get isReleased(): boolean {
    return this.#released;
  }

  async get(path: readonly RemoteStep[]): Promise<unknown> {
    this.#check();
    const value = this.#clients.run((reference) => this.#objects.access(reference).get(path));
    return this.#within(value, {}, labelOf({ title: this.#name }, path));
  }

  async invoke(path: readonly RemoteStep[], call: RemoteCall): Promise<unknown> {
    this.#check();
    const label = labelOf({ title: this.#name }, path);
    const { batch, timeoutMs } = this.#description;
    const waitOptions = { timeoutMs: call.timeoutMs ?? timeoutMs, signal: call.signal };
    if (batch === undefined) {
      const run = (reference: ObjectReference) =>
        this.#objects.access(reference).invoke(path, { ...call, ...waitOptions });
      return this.#within(this.#clients.run(run), call, label);
    }
    if (Object.keys(call.kwargs).length > 0 || call.args.length === 0) {
      throw new ArgumentError('a call that becomes part of a batch takes positional arguments only, and at least one', {
        operation: label,
      });
    }
    const batcher = this.#batcherOf(path, call.args.length, batch);
    const waiting = newWaiting(call.args, this.#requests.observe(label));
    batcher.add(waiting);
    return this.#within(waiting.result, call, label, (reason) => batcher.withdraw(waiting, reason));
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const made of this.#clients.clear()) {
      made.then(
        (reference) => this.#objects.release(reference),
        () => undefined,
      );
    }
  }

  /** What many wait for is not bound to the deadline of the code that happens to cause it. */
  #ownDeadline(): Deadline {
    return new Deadline(this.#description.timeoutMs ?? this.#requests.callTimeoutMs);
  }

  /** The result, but not after the caller's own time, or once its signal has aborted. */
  #within<T>(
    result: Promise<T>,
    { timeoutMs, signal }: WaitOptions,
    operation: string,
    leave: (reason: unknown) => void = () => {},
  ): Promise<T> {
    const scoped = this.#requests.scopedDeadline;
    const limit = { timeoutMs, scoped, signal };
    return withLimit(result, limit, operation, leave);
  }

  #check(): void {
    if (!this.#released) return;
    throw new DisposedError('the kept object was released', { operation: this.#name, implementation: 'python' });
  }

  /** Calls of one function with one number of arguments go together. */
  #batcherOf(path: readonly RemoteStep[], columns: number, batch: { size: number; maxWaitMs: number }): Batcher {
    const key = JSON.stringify([columns, path]);
    let batcher = this.#batchers.get(key);
    if (batcher === undefined) {
      batcher = new Batcher(batch.size, batch.maxWaitMs, (calls) => void this.#send(path, calls));
      this.#batchers.set(key, batcher);
    }
    return batcher;
  }

  async #send(path: readonly RemoteStep[], calls: readonly Waiting[]): Promise<void> {
    const left = new Set(calls);
    try {
      await this.#clients.run(async (reference) => {
        const label = labelOf({ title: this.#name }, path);
        for (const call of left) call.at = reference.holder;
        const answer = await this.#asking.ask(reference.holder, {
          type: FrameType.BATCH,
          label,
          deadline: this.#ownDeadline(),
          traceparent: calls.find(({ observer }) => observer !== undefined)?.observer?.traceparent,
          header: (encoder) => this.#header(reference, path, left, encoder),
        });
        this.#settle([...left], answer, new ValueDecoder(this.#in, reference.holder), label);
      });
    } catch (error) {
      for (const call of left) call.reject(error);
    }
  }

  /** A call whose own arguments cannot be sent fails alone. */
  #header(reference: ObjectReference, path: readonly RemoteStep[], left: Set<Waiting>, encoder: ValueEncoder): Header {
    const rows: unknown[][] = [];
    for (const call of left) {
      try {
        rows.push(encoder.part(() => call.args.map((value) => encoder.value(value))));
      } catch (error) {
        left.delete(call);
        call.reject(error);
      }
    }
    const first = rows[0];
    if (first === undefined) throw new ArgumentError('no call of the batch is left', { operation: this.#name });
    const columns = first.map((_, i) => rows.map((row) => row[i]));
    return { on: reference.number, path: encoder.path(path), columns, count: rows.length };
  }

  #settle(calls: readonly Waiting[], { items }: Header, decoder: ValueDecoder, label: string): void {
    if (!Array.isArray(items) || items.length !== calls.length) {
      throw new ProtocolError("the worker's answer has not one result for each call");
    }
    for (const [i, call] of calls.entries()) {
      const { v, e } = items[i] as { v?: unknown; e?: Header };
      if (e === undefined) call.resolve(decoder.value(v));
      else call.reject(workerError(e, label));
    }
  }
}
