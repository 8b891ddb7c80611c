import type { CallContext } from '../registry/backend.ts';
import { UnsupportedOperationError } from '../registry/errors.ts';
import type { Operation } from '../registry/operation.ts';
import { publicName } from '../registry/registry.ts';
import type { Argument, Result } from '../registry/values.ts';
import type { Batches } from './batches/batches.ts';
import type { Call, Incarnation, Reply } from './call.ts';
import type { Callbacks } from './callbacks.ts';
import type { Gathering } from './gathering.ts';
import type { OperationTable } from './operation-table.ts';
import type { Requests } from './requests.ts';
import type { TensorTable } from './tensor-table.ts';
import { encodeArguments } from './wire/arguments.ts';
import { FrameType } from './wire/frames.ts';
import { decodeDescription, decodeResult } from './wire/results.ts';

/** Calls of operations: where they run, what must come there first, and what becomes of the answer. */
export class Calls {
  readonly #operations: OperationTable;
  readonly #tensors: TensorTable;
  readonly #requests: Requests;
  readonly #gathering: Gathering;
  readonly #callbacks: Callbacks;
  readonly #batches: Batches;

  constructor(
    operations: OperationTable,
    tensors: TensorTable,
    requests: Requests,
    gathering: Gathering,
    callbacks: Callbacks,
    batches: Batches,
  ) {
    this.#operations = operations;
    this.#tensors = tensors;
    this.#requests = requests;
    this.#gathering = gathering;
    this.#callbacks = callbacks;
    this.#batches = batches;
  }

  call(operation: Operation, args: readonly Argument[], context: CallContext): Result {
    const label = publicName(operation);
    const worker = this.#gathering.gather(args, label);
    if (context.deferral !== undefined && operation.result === 'array' && operation.python !== null) {
      const handle = this.#batches.call(worker, operation, args, context);
      if (handle !== null) return handle;
    }
    const { call, slot } = this.#begin(worker, operation, args, context, label);
    return this.#end(operation, call, slot, () => this.#requests.wait(call));
  }

  async callAsync(operation: Operation, args: readonly Argument[], context: CallContext): Promise<Result> {
    const label = publicName(operation);
    const worker = this.#gathering.now(args, label) ?? (await this.#gathering.gatherAsync(args, label));
    const { call, slot } = this.#begin(worker, operation, args, context, label);
    await this.#requests.promise(call).catch(() => undefined);
    return this.#end(operation, call, slot, () => call.reply);
  }

  #begin(
    worker: Incarnation,
    operation: Operation,
    args: readonly Argument[],
    context: CallContext,
    label: string,
  ): { call: Call; slot: number } {
    if (operation.python === null) {
      throw new UnsupportedOperationError('it has no Python implementation', {
        operation: label,
        implementation: 'python',
      });
    }
    const code = this.#operations.codeOf(operation);
    if (code >= worker.defined) this.#requests.define(worker);
    const slot = this.#tensors.reserve();
    try {
      const call = this.#callbacks.lending(worker, label, (idOf) => {
        const header: Record<string, unknown> = { op: code, out: slot, args: encodeArguments(operation, args, idOf) };
        if (context.stream !== undefined) header['stream'] = [context.stream.device, context.stream.index];
        return this.#requests.send(worker, { type: FrameType.CALL, header, label });
      });
      return { call, slot };
    } catch (error) {
      this.#tensors.release(slot);
      throw error;
    }
  }

  /** Makes handles of the answer, which `reply` gives or throws. */
  #end(operation: Operation, call: Call, slot: number, reply: () => Reply): Result {
    try {
      const header = this.#requests.answer(reply(), operation);
      if ('t' in header) {
        const [dtype, shape] = decodeDescription(header['t']);
        const handle = this.#tensors.adopt(slot, slot, call.worker, dtype, shape);
        slot = -1;
        return handle;
      }
      return decodeResult(header['v'], (id, dtype, shape) =>
        this.#tensors.adopt(this.#tensors.reserve(), id, call.worker, dtype, shape),
      );
    } finally {
      if (slot !== -1) this.#tensors.release(slot);
    }
  }
}
