import type { CallContext, PreparedCall } from '../registry/backend.ts';
import { UnsupportedOperationError } from '../registry/errors.ts';
import type { Operation } from '../registry/operation.ts';
import { publicName } from '../registry/registry.ts';
import type { Argument, Result } from '../registry/values.ts';
import type { Batches } from './batches/batches.ts';
import type { Call, Incarnation } from './call.ts';
import type { Callbacks } from './callbacks.ts';
import type { Deadline } from './deadline.ts';
import type { Gathering } from './gathering.ts';
import type { Lineage } from './lineage/lineage.ts';
import type { Begun, Recovery } from './lineage/recovery.ts';
import type { Requests } from './requests.ts';
import type { RemoteTensor, TensorTable } from './tensor-table.ts';
import { encodeArguments, handlesIn } from './wire/arguments.ts';
import { FrameType } from './wire/frames.ts';
import { decodeDescription, decodeResult, isInOrder } from './wire/results.ts';

/** Calls of operations: where they run, what must come there first, and what becomes of the answer. */
export class Calls {
  readonly #tensors: TensorTable;
  readonly #requests: Requests;
  readonly #gathering: Gathering;
  readonly #callbacks: Callbacks;
  readonly #batches: Batches;
  readonly #lineage: Lineage;
  readonly #recovery: Recovery;

  constructor(
    tensors: TensorTable,
    requests: Requests,
    gathering: Gathering,
    callbacks: Callbacks,
    batches: Batches,
    lineage: Lineage,
    recovery: Recovery,
  ) {
    this.#tensors = tensors;
    this.#requests = requests;
    this.#gathering = gathering;
    this.#callbacks = callbacks;
    this.#batches = batches;
    this.#lineage = lineage;
    this.#recovery = recovery;
  }

  prepare(operation: Operation): PreparedCall {
    return {
      run: (args, context = {}) => this.#call(operation, args, context),
      runAsync: (args, context = {}) => this.#callAsync(operation, args, context),
      deferred: this.#batches.short(operation),
    };
  }

  #call(operation: Operation, args: readonly Argument[], context: CallContext): Result {
    const label = publicName(operation);
    const deadline = this.#requests.deadline();
    const worker = this.#gathering.gather(args, label, deadline);
    if (context.deferral !== undefined && operation.result === 'array' && operation.python !== null) {
      const handle = this.#batches.call(worker, operation, args, context);
      if (handle !== null) return handle;
    }
    const begun = this.#begin(worker, operation, args, context, label, deadline);
    let call: Call;
    try {
      call = this.#recovery.answered(begun);
    } catch (error) {
      this.#giveUp(operation, begun);
      throw error;
    }
    return this.#end(operation, call, begun);
  }

  async #callAsync(operation: Operation, args: readonly Argument[], context: CallContext): Promise<Result> {
    const { signal } = context;
    signal?.throwIfAborted();
    const label = publicName(operation);
    const deadline = this.#requests.deadline();
    const begin = (worker: Incarnation): Begun => this.#begin(worker, operation, args, context, label, deadline);
    const worker = this.#gathering.now(args);
    const begun =
      worker === null ? await this.#gathering.gatherAsync(args, label, deadline, signal, begin) : begin(worker);
    let call: Call;
    try {
      call = await this.#recovery.answeredAsync(begun, signal);
    } catch (error) {
      this.#giveUp(operation, begun);
      throw error;
    }
    return this.#end(operation, call, begun);
  }

  #begin(
    worker: Incarnation,
    operation: Operation,
    args: readonly Argument[],
    context: CallContext,
    label: string,
    deadline: Deadline,
  ): Begun {
    if (operation.python === null) {
      throw new UnsupportedOperationError('it has no Python implementation', {
        operation: label,
        implementation: 'python',
      });
    }
    const code = this.#requests.codeFor(worker, operation);
    const making = this.#lineage.calling(operation, args, context.stream);
    const slot = this.#tensors.reserve();
    try {
      const call = this.#callbacks.lending(worker, label, (idOf) => {
        const header: Record<string, unknown> = { op: code, out: slot, args: encodeArguments(operation, args, idOf) };
        if (context.stream !== undefined) header['stream'] = [context.stream.device, context.stream.index];
        return this.#requests.send(worker, { type: FrameType.CALL, header, label, deadline });
      });
      return { call, slot, making };
    } catch (error) {
      this.#drop({ slot, making });
      throw error;
    }
  }

  /** Of a call that nobody waits for any more. One that may still be answered keeps its number, and its result is freed. */
  #giveUp(operation: Operation, begun: Begun): void {
    const { call } = begun;
    if (call.settled) {
      this.#drop(begun);
      return;
    }
    call.onSettled(() => {
      let result: Result;
      try {
        result = this.#end(operation, call, begun);
      } catch {
        return;
      }
      for (const handle of handlesIn(result)) this.#tensors.free(handle);
    });
  }

  /** Makes handles of the answer. */
  #end(operation: Operation, call: Call, { slot, making }: Begun): Result {
    const tensors: RemoteTensor[] = [];
    let single = false;
    let known = making;
    try {
      const header = this.#requests.answer(call.reply, operation);
      if ('t' in header) {
        const [dtype, shape] = decodeDescription(header['t']);
        const handle = this.#tensors.adopt(slot, slot, call.worker, dtype, shape);
        tensors.push(this.#tensors.get(handle));
        single = true;
        return handle;
      }
      // Its tensors could not be told apart when the call is made again.
      if (!isInOrder(header['v'])) known = this.#lineage.unordered(making);
      return decodeResult(header['v'], (id, dtype, shape) => {
        const handle = this.#tensors.adopt(this.#tensors.reserve(), id, call.worker, dtype, shape);
        tensors.push(this.#tensors.get(handle));
        return handle;
      });
    } finally {
      this.#lineage.made(known, tensors, single);
      if (!single) this.#tensors.release(slot);
    }
  }

  /** Of a call that gave nothing. */
  #drop({ slot, making }: Omit<Begun, 'call'>): void {
    this.#lineage.made(making, [], false);
    this.#tensors.release(slot);
  }
}
