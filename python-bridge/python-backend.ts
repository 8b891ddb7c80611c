import type { Backend, BackendStatus, CallContext, TensorInfo } from '../registry/backend.ts';
import { type Dtype, dtypeOfCode } from '../registry/dtypes.ts';
import { ArgumentError, UnsupportedOperationError } from '../registry/errors.ts';
import type { Operation } from '../registry/operation.ts';
import { publicName } from '../registry/registry.ts';
import type { Argument, Handle, Result } from '../registry/values.ts';
import type { Call, Incarnation, Reply } from './call.ts';
import type { Request } from './conversation.ts';
import { EVAL_LABEL, workerError } from './failures.ts';
import { locatePython } from './locate.ts';
import { OperationTable } from './operation-table.ts';
import { type PoolStats, type PythonBackendOptions, Settings } from './options.ts';
import { placementOf } from './placement.ts';
import { Pool } from './pool.ts';
import { type RemoteTensor, TensorTable } from './tensor-table.ts';
import { encodeArguments, handlesIn } from './wire/arguments.ts';
import { FrameType } from './wire/frames.ts';
import { type Header, unpack } from './wire/msgpack.ts';
import { decodeResult } from './wire/results.ts';

const CREATE_LABEL = 'mx.array';
/** Tensor bytes that may be on their way to a worker without a wait. */
const UNCONFIRMED_BYTES = 4 * 2 ** 20;

/** The backend that runs Python's own `mlx` in a pool of processes. Nothing starts before it is needed. */
export class PythonBackend implements Backend {
  readonly name = 'python';
  readonly #settings: Settings;
  readonly #operations = new OperationTable();
  readonly #pool: Pool;
  readonly #tensors: TensorTable;

  constructor(options: PythonBackendOptions) {
    this.#settings = new Settings(options);
    this.#pool = new Pool(this.#settings, this.#operations);
    this.#tensors = new TensorTable(options.sentinels, () => this.#pool.conversation.flushFrees());
  }

  status(start: boolean): BackendStatus {
    const { python, source, blas, script } = locatePython(this.#settings.pythonPath);
    let problem = python === null ? `no Python was found: ${source}` : this.#pool.failure?.message;
    if (start && python !== null) {
      try {
        this.#pool.any();
        problem = undefined;
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
      }
    }
    const { facts } = this.#pool;
    const { workers, restarts } = this.stats();
    return {
      available: problem === undefined,
      ...(problem === undefined ? {} : { problem }),
      ...(facts === null ? {} : { mlxVersion: facts.mlx, device: facts.device, blas: facts.blas }),
      details: {
        python,
        'found by': source,
        'python version': facts?.python ?? null,
        'BLAS library': blas,
        'worker script': script,
        'pool size': this.#settings.poolSize,
        workers,
        restarts,
      },
    };
  }

  stats(): PoolStats {
    return this.#pool.stats(this.#tensors.live);
  }

  supports(operation: Operation): boolean {
    return operation.python !== null && !this.#operations.isUnresolved(operation);
  }

  call(operation: Operation, args: readonly Argument[], context: CallContext): Result {
    const label = publicName(operation);
    const worker = this.#gather(args, label);
    const { call, slot } = this.#beginCall(worker, operation, args, context, label);
    return this.#endCall(operation, call, slot, () => this.#pool.conversation.wait(call));
  }

  async callAsync(operation: Operation, args: readonly Argument[], context: CallContext): Promise<Result> {
    const label = publicName(operation);
    const worker = this.#gathered(args, label) ?? (await this.#gatherAsync(args, label));
    const { call, slot } = this.#beginCall(worker, operation, args, context, label);
    await this.#pool.conversation.promise(call).catch(() => undefined);
    return this.#endCall(operation, call, slot, () => call.reply);
  }

  create(bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle {
    const expected = shape.reduce((product, length) => product * length, dtype.size);
    if (bytes.length !== expected) {
      throw new ArgumentError(
        `expected ${expected} bytes for the shape [${shape.join(', ')}] of ${dtype.name}, received ${bytes.length}`,
      );
    }
    const worker = this.#pool.any();
    const wait = worker.unconfirmedBytes + bytes.length > UNCONFIRMED_BYTES;
    const { id, call } = this.#beginCreate(worker, new Uint8Array(bytes), shape, dtype, !wait);
    if (wait) {
      try {
        this.#answer(this.#pool.conversation.wait(call));
      } catch (error) {
        this.#tensors.release(id);
        throw error;
      }
    }
    return this.#tensors.adopt(id, id, worker, dtype, [...shape]);
  }

  describe(handle: Handle): TensorInfo {
    const { shape, dtype } = this.#tensors.get(handle);
    return { shape, dtype };
  }

  read(handle: Handle): Uint8Array<ArrayBuffer> {
    const call = this.#beginRead(this.#tensors.usable(handle, EVAL_LABEL));
    return this.#payload(this.#pool.conversation.wait(call));
  }

  async readAsync(handle: Handle): Promise<Uint8Array<ArrayBuffer>> {
    const call = this.#beginRead(this.#tensors.usable(handle, EVAL_LABEL));
    return this.#payload(await this.#pool.conversation.promise(call));
  }

  text(handle: Handle, precision = -1): string {
    const { home, id } = this.#tensors.usable(handle, EVAL_LABEL);
    const call = this.#send(home, {
      type: FrameType.TEXT,
      header: precision < 0 ? { tensor: id } : { tensor: id, precision },
      label: EVAL_LABEL,
    });
    return String(this.#answer(this.#pool.conversation.wait(call))['v']);
  }

  eval(handles: readonly Handle[]): void {
    // All are sent before the first is waited for, so that workers compute at the same time.
    const calls = this.#beginEvals(handles);
    for (const call of calls) this.#answer(this.#pool.conversation.wait(call));
  }

  async evalAsync(handles: readonly Handle[]): Promise<void> {
    const replies = await Promise.all(this.#beginEvals(handles).map((call) => this.#pool.conversation.promise(call)));
    for (const reply of replies) this.#answer(reply);
  }

  free(handle: Handle): void {
    this.#tensors.free(handle);
  }

  isAlive(handle: Handle): boolean {
    return this.#tensors.isAlive(handle);
  }

  beginScope(): void {
    this.#tensors.beginScope();
  }

  endScope(keep: readonly Handle[]): void {
    this.#tensors.endScope(keep);
  }

  async shutdown(): Promise<void> {
    await this.#pool.stop();
  }

  #send(worker: Incarnation, request: Request): Call {
    this.#tensors.sweep();
    return this.#pool.conversation.send(worker, request);
  }

  /** Where the call can run at once; null if a worker must start or a tensor must move first. */
  #gathered(args: readonly Argument[], label: string): Incarnation | null {
    const placement = placementOf(this.#tensorsOf(args, label));
    if (placement === null) return this.#pool.idle;
    return placement.stray === null ? placement.target : null;
  }

  #gather(args: readonly Argument[], label: string): Incarnation {
    for (;;) {
      const placement = placementOf(this.#tensorsOf(args, label));
      if (placement === null) return this.#pool.any();
      const { target, stray } = placement;
      if (stray === null) return target;
      const from = stray.home;
      const bytes = this.#payload(this.#pool.conversation.wait(this.#beginRead(stray)));
      this.#move(stray, from, target, bytes);
    }
  }

  async #gatherAsync(args: readonly Argument[], label: string): Promise<Incarnation> {
    for (;;) {
      const placement = placementOf(this.#tensorsOf(args, label));
      if (placement === null) return this.#pool.anyAsync();
      const { target, stray } = placement;
      if (stray === null) return target;
      const from = stray.home;
      const bytes = this.#payload(await this.#pool.conversation.promise(this.#beginRead(stray)));
      this.#move(stray, from, target, bytes);
    }
  }

  #move(tensor: RemoteTensor, from: Incarnation, to: Incarnation, bytes: Uint8Array<ArrayBuffer>): void {
    // Another call may have moved or freed it meanwhile.
    if (tensor.home !== from || tensor.freed || to.death !== null) return;
    const size = bytes.length;
    const { id } = this.#beginCreate(to, bytes, tensor.shape, tensor.dtype, true);
    this.#tensors.rehome(tensor, to, id);
    this.#settings.report({ type: 'moved', from: from.place, to: to.place, bytes: size });
  }

  #tensorsOf(args: readonly Argument[], label: string): RemoteTensor[] {
    const tensors: RemoteTensor[] = [];
    for (const argument of args) {
      for (const handle of handlesIn(argument)) tensors.push(this.#tensors.usable(handle, label));
    }
    return tensors;
  }

  #beginCall(
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
    if (code >= worker.defined) this.#define(worker);
    const idOf = (handle: Handle): number => this.#tensors.usable(handle, label).id;
    const slot = this.#tensors.reserve();
    try {
      const header: Record<string, unknown> = {
        op: code,
        out: slot,
        args: encodeArguments(operation, args, idOf),
      };
      if (context.stream !== undefined) header['stream'] = [context.stream.device, context.stream.index];
      return { call: this.#send(worker, { type: FrameType.CALL, header, label }), slot };
    } catch (error) {
      this.#tensors.release(slot);
      throw error;
    }
  }

  /** Makes handles of the answer, which `reply` gives or throws. */
  #endCall(operation: Operation, call: Call, slot: number, reply: () => Reply): Result {
    try {
      const header = this.#answer(reply(), operation);
      if ('t' in header) {
        const [code, shape] = header['t'] as [number, number[]];
        const handle = this.#tensors.adopt(slot, slot, call.worker, dtypeOfCode(code), shape);
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

  #define(worker: Incarnation): void {
    const operations = this.#operations.rowsFrom(worker.defined);
    worker.defined = this.#operations.size;
    this.#pool.conversation.tell(worker, FrameType.DEFINE, { operations });
  }

  /** Gives the bytes away. The worker confirms; if it cannot, the tensor is unknown to it. */
  #beginCreate(
    worker: Incarnation,
    payload: Uint8Array<ArrayBuffer>,
    shape: readonly number[],
    dtype: Dtype,
    background: boolean,
  ): { id: number; call: Call } {
    const id = this.#tensors.reserve();
    const size = payload.length;
    const header = { out: id, shape, dtype: dtype.code };
    let call: Call;
    try {
      call = this.#send(worker, { type: FrameType.CREATE, header, payload, label: CREATE_LABEL, background });
    } catch (error) {
      this.#tensors.release(id);
      throw error;
    }
    worker.unconfirmedBytes += size;
    call.onSettled(() => {
      worker.unconfirmedBytes -= size;
    });
    return { id, call };
  }

  #beginRead({ home, id }: RemoteTensor): Call {
    return this.#send(home, { type: FrameType.READ, header: { tensor: id }, label: EVAL_LABEL });
  }

  #beginEvals(handles: readonly Handle[]): Call[] {
    const byWorker = new Map<Incarnation, number[]>();
    for (const handle of handles) {
      const { home, id } = this.#tensors.usable(handle, EVAL_LABEL);
      const tensors = byWorker.get(home);
      if (tensors === undefined) byWorker.set(home, [id]);
      else tensors.push(id);
    }
    return [...byWorker].map(([home, tensors]) =>
      this.#send(home, { type: FrameType.EVAL, header: { tensors }, label: EVAL_LABEL }),
    );
  }

  /** The header of a result; throws the typed error of an error frame. */
  #answer(reply: Reply, operation?: Operation): Header {
    const header = unpack(reply.header);
    if (reply.type === FrameType.RESULT) return header;
    if (operation !== undefined && header['kind'] === 'unresolved') {
      this.#operations.markUnresolved([this.#operations.codeOf(operation)]);
    }
    throw workerError(header, operation === undefined ? undefined : publicName(operation));
  }

  #payload(reply: Reply): Uint8Array<ArrayBuffer> {
    this.#answer(reply);
    return reply.payload;
  }
}
