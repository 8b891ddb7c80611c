import type { CallContext, PreparedCall } from '../../backend/backend.ts';
import { UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import type { Argument, Result } from '../../foundation/values/values.ts';
import type { Operation } from '../../registry/operation.ts';
import type { Callbacks } from '../callbacks/callbacks.ts';
import type { Settings } from '../options.ts';
import type { Batches } from '../pipelines/batches.ts';
import type { Lineage } from '../recovery/lineage.ts';
import type { Begun, Recovery } from '../recovery/recovery.ts';
import type { Gathering } from '../tensors/gathering.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import type { Resolved, TensorTable } from '../tensors/tensor-table.ts';
import { FrameType } from '../wire/frames.ts';
import type { NumberedOperation, OperationTable } from '../wire/operation-table.ts';
import { decodeDescription, decodeResult, handlesIn, type IdOf, isInOrder } from '../wire/values.ts';
import type { Pool } from '../workers/pool.ts';
import type { Deadline, PythonWorker } from './call.ts';
import type { Requests } from './requests.ts';

interface Parts {
  readonly settings: Settings;
  readonly pool: Pool;
  readonly operations: OperationTable;
  readonly tensors: TensorTable;
  readonly requests: Requests;
  readonly gathering: Gathering;
  readonly callbacks: Callbacks;
  readonly batches: Batches;
  readonly lineage: Lineage;
  readonly recovery: Recovery;
}

/** The calls of one operation: where they run, what must come there first, and what becomes of the answer. */
export class PythonCall implements PreparedCall {
  readonly deferred: PreparedCall['deferred'];
  readonly #parts: Parts;
  readonly #numbered: NumberedOperation;

  constructor(operation: Operation, parts: Parts) {
    this.#parts = parts;
    this.#numbered = parts.operations.numbered(operation);
    this.deferred = parts.batches.short(operation);
  }

  run(args: readonly Argument[], context: CallContext = {}): Result {
    const { settings, tensors, requests, gathering, batches, recovery } = this.#parts;
    const { operation, label } = this.#numbered;
    const resolved = tensors.resolve(args);
    const deadline = settings.deadline();
    const worker = this.#holderOf(resolved) ?? gathering.gather(resolved.tensors, label, deadline);
    if (context.deferral !== undefined && operation.result === 'array' && operation.python !== null) {
      const handle = batches.call(worker, this.#numbered, resolved, context);
      if (handle !== null) return handle;
    }
    const begun = this.#begin(worker, resolved, context, deadline);
    try {
      requests.waits.wait(begun.call);
    } catch (error) {
      try {
        recovery.repeat(begun, error);
      } catch (final) {
        this.#giveUp(begun);
        throw final;
      }
    }
    return this.#end(begun);
  }

  async runAsync(args: readonly Argument[], context: CallContext = {}): Promise<Result> {
    const { settings, tensors, requests, gathering, recovery } = this.#parts;
    const { label } = this.#numbered;
    const { signal } = context;
    signal?.throwIfAborted();
    const resolved = tensors.resolve(args);
    const deadline = settings.deadline();
    const begin = (worker: PythonWorker): Begun => this.#begin(worker, resolved, context, deadline);
    const worker = gathering.now(resolved.tensors);
    const begun =
      worker === null
        ? await gathering.gatherAsync({ tensors: resolved.tensors, label, deadline, signal }, begin)
        : begin(worker);
    try {
      await requests.promise(begun.call, signal);
    } catch (error) {
      try {
        await recovery.repeatAsync(begun, error);
      } catch (final) {
        this.#giveUp(begun);
        throw final;
      }
    }
    return this.#end(begun);
  }

  /**
   * The worker that holds all arguments and goes on, or for none the pipeline's, where neither a session nor a caller says
   * where to work; or null.
   */
  #holderOf({ holder, tensors }: Resolved): PythonWorker | null {
    const { batches, pool } = this.#parts;
    const worker = tensors.length === 0 ? batches.worker : holder;
    if (worker === null || worker.exit !== null || worker.retiring !== null) return null;
    return pool.caller === null && pool.sessions.lookup?.() === undefined ? worker : null;
  }

  #begin(worker: PythonWorker, resolved: Resolved, context: CallContext, deadline: Deadline): Begun {
    const { tensors, requests, callbacks, lineage } = this.#parts;
    const { operation, label, code, encode, whyNotRepeatable } = this.#numbered;
    if (operation.python === null) {
      throw new UnsupportedOperationError('it has no Python implementation', {
        operation: label,
        implementation: 'python',
      });
    }
    if (code >= worker.defined) requests.define(worker);
    const making = lineage.calling(operation, resolved.args, context.stream, whyNotRepeatable?.(resolved.args));
    const slot = tensors.reserve();
    const send = (idOf: IdOf) => {
      const header: Record<string, unknown> = { op: code, out: slot, args: encode(resolved.args, idOf) };
      if (context.stream !== undefined) header['stream'] = [context.stream.device, context.stream.index];
      return requests.send(worker, { type: FrameType.CALL, header, label, deadline });
    };
    try {
      const call = resolved.hasCallbacks
        ? callbacks.withCallbacks(worker, label, send)
        : send((item) => {
            const tensor = item as RemoteTensor;
            return tensor.holder === worker && !tensor.freed ? tensor.id : tensors.idOf(tensor, worker, label);
          });
      return { call, slot, making };
    } catch (error) {
      this.#drop({ slot, making });
      throw error;
    }
  }

  /** Of a call that is no longer awaited. One that may still be answered keeps its number, and its result is freed. */
  #giveUp(begun: Begun): void {
    const { call } = begun;
    if (call.settled) {
      this.#drop(begun);
      return;
    }
    call.onSettled(() => {
      let result: Result;
      try {
        result = this.#end(begun);
      } catch {
        return;
      }
      for (const handle of handlesIn(result)) this.#parts.tensors.free(handle);
    });
  }

  /** Makes handles of the answer. */
  #end({ call, slot, making }: Begun): Result {
    const { tensors, requests, lineage } = this.#parts;
    let known = making;
    let single: RemoteTensor | null = null;
    const several: RemoteTensor[] = [];
    try {
      const header = requests.answer(call.outcome, this.#numbered.operation);
      if ('t' in header) {
        const [dtype, shape] = decodeDescription(header['t']);
        single = tensors.hold(slot, slot, call.worker, { dtype, shape });
        return tensors.handleOf(single);
      }
      // Its tensors could not be distinguished when the call is made again.
      if (!isInOrder(header['v'])) known = lineage.unordered(making);
      return decodeResult(header['v'], (id, dtype, shape) => {
        const tensor = tensors.hold(tensors.reserve(), id, call.worker, { dtype, shape });
        several.push(tensor);
        return tensors.handleOf(tensor);
      });
    } finally {
      if (single !== null) {
        lineage.madeOne(known, single);
      } else {
        lineage.made(known, several);
        tensors.release(slot);
      }
    }
  }

  /** Of a call that gave nothing. */
  #drop({ slot, making }: Omit<Begun, 'call'>): void {
    this.#parts.lineage.made(making, []);
    this.#parts.tensors.release(slot);
  }
}
