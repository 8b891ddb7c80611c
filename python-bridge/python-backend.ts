import type {
  Backend,
  BackendStatus,
  DeadlineWatch,
  Deferrals,
  PreparedCall,
  Printing,
  ProcessPool,
  ScopeStack,
  SessionTensors,
  Statistics,
  TensorInfo,
  WorkerTensors,
} from '../backend/backend.ts';
import type { RemoteObjects, RemotePort } from '../backend/remote-objects.ts';
import { ArgumentError } from '../foundation/errors/errors.ts';
import { messageOf } from '../foundation/errors/message.ts';
import type { Dtype } from '../foundation/values/dtypes.ts';
import type { Handle } from '../foundation/values/values.ts';
import type { Operation } from '../registry/operation.ts';
import { Callbacks } from './callbacks/callbacks.ts';
import { Thrown } from './callbacks/thrown.ts';
import type { Bring } from './objects/encoder.ts';
import { Objects } from './objects/objects.ts';
import { WaitingRequests } from './objects/waiting-requests.ts';
import { type PoolStats, type PythonBackendOptions, Settings } from './options.ts';
import { Batches } from './pipelines/batches.ts';
import { Failures } from './pipelines/failures.ts';
import type { Span } from './pipelines/span.ts';
import { Checkpoints } from './recovery/checkpoints.ts';
import { Lineage } from './recovery/lineage.ts';
import { Recovery } from './recovery/recovery.ts';
import type { PythonWorker } from './requests/call.ts';
import { PythonCall } from './requests/calls.ts';
import { Evaluation } from './requests/evaluation.ts';
import { Requests } from './requests/requests.ts';
import { PythonTransforms } from './requests/transforms.ts';
import { Gathering } from './tensors/gathering.ts';
import { TensorTable } from './tensors/tensor-table.ts';
import { Transfer } from './tensors/transfer.ts';
import { OperationTable } from './wire/operation-table.ts';
import { locatePython } from './workers/locate.ts';
import { Pool } from './workers/pool.ts';
import type { PoolReport } from './workers/statistics.ts';

/** The backend that runs Python's own `mlx` in a pool of processes. Nothing starts before it is needed. */
export class PythonBackend implements Backend {
  readonly name = 'python';
  readonly transforms: PythonTransforms;
  readonly printing: Printing = { text: (handle, precision) => this.#evaluation.text(handle, precision) };
  readonly scopes: ScopeStack = {
    begin: () => this.#tensors.beginScope(),
    end: (keep) => this.#tensors.endScope(keep),
  };
  readonly sessions: SessionTensors = {
    watch: (current) => this.#pool.sessions.watch(current),
    own: (handle, session) => this.#tensors.own(handle, session),
    end: (session) => {
      this.#tensors.endSession(session);
      for (const objects of this.#objects) objects.endSession(session);
    },
  };
  readonly deadlines: DeadlineWatch = {
    watch: (current) => {
      this.#settings.scopedDeadline = current;
    },
  };
  readonly deferral: Deferrals = {
    open: (options) => this.#batches.open(options),
    watch: (current) => {
      this.#batches.current = current as () => Span | undefined;
    },
  };
  readonly statistics: Statistics = { read: () => this.stats() };
  readonly pool: ProcessPool = {
    limit: (limits) => this.#settings.limit(limits),
  };
  readonly workers: WorkerTensors;
  readonly #settings: Settings;
  readonly #operations = new OperationTable();
  readonly #pool: Pool;
  readonly #tensors: TensorTable;
  readonly #requests: Requests;
  readonly #transfer: Transfer;
  readonly #callbacks: Callbacks;
  readonly #batches: Batches;
  readonly #lineage: Lineage;
  readonly #recovery: Recovery;
  readonly #parts: ConstructorParameters<typeof PythonCall>[1];
  readonly #evaluation: Evaluation;
  readonly #prepared = new WeakMap<Operation, PreparedCall>();
  readonly #objects: Objects[] = [];

  constructor(options: PythonBackendOptions) {
    this.#settings = new Settings(options);
    this.#pool = new Pool(this.#settings, this.#operations);
    const { sessions, conversation } = this.#pool;
    this.#lineage = new Lineage(this.#settings, (code) => this.#operations.operationOf(code));
    this.#tensors = new TensorTable({
      sentinels: options.sentinels,
      sessions,
      flush: () => conversation.flushFrees(),
      onFreed: (tensor) => this.#lineage.forget(tensor),
    });
    const thrown = new Thrown();
    const failures = new Failures(this.#operations);
    const common = { settings: this.#settings, pool: this.#pool, operations: this.#operations, tensors: this.#tensors };
    this.#requests = new Requests({ ...common, conversation, thrown, failures });
    this.#transfer = new Transfer(this.#settings, this.#requests, this.#tensors);
    const asking = { ...common, requests: this.#requests, transfer: this.#transfer, lineage: this.#lineage };
    this.#callbacks = new Callbacks({ ...asking, thrown });
    this.#recovery = new Recovery(asking);
    const recovering = { ...asking, callbacks: this.#callbacks, recovery: this.#recovery };
    this.#batches = new Batches({ ...recovering, failures, checkpoints: new Checkpoints(asking) });
    this.#pool.retirement.use({
      tensorsAt: (worker) => this.#tensors.at(worker),
      move: (tensor, to, deadline) => this.#transfer.carryAsync(tensor, to, false, deadline),
    });
    const gathering = new Gathering(recovering);
    this.#parts = { ...recovering, gathering, batches: this.#batches };
    this.transforms = new PythonTransforms({ ...recovering, gathering });
    this.#evaluation = new Evaluation(recovering);
    const pool = this.#pool;
    this.workers = {
      get isCold() {
        return pool.isCold;
      },
      createSoon: (bytes, shape, dtype, operation) => this.#createSoon(bytes, shape, dtype, operation),
      isLost: (handle) => this.#isLost(handle),
      locate: (handle) => this.#locate(handle),
    };
  }

  status(start: boolean): BackendStatus {
    const { python, source, blas, script } = locatePython(this.#settings.pythonPath);
    let problem = python === null ? `no Python was found: ${source}` : this.#pool.failure?.message;
    if (start && python !== null) {
      try {
        this.#pool.any(this.#settings.deadline());
        problem = undefined;
      } catch (error) {
        problem = messageOf(error);
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
        'pool size': this.#settings.limits.poolSize,
        workers,
        restarts,
        'shared memory': this.#transfer.sharing(),
      },
    };
  }

  stats(): PoolStats {
    const { perWorker: _, ...counts } = this.#pool.report();
    return {
      ...counts,
      liveTensors: this.#tensors.live,
      sharedBytes: this.#transfer.sharedBytes,
      callbacks: this.#callbacks.size,
      remembered: this.#lineage.origins + this.#lineage.journal.size,
      rememberedBytes: this.#lineage.bytes,
    };
  }

  /** The same with each worker, for people and health checks. */
  report(): PoolReport {
    return this.#pool.report();
  }

  /** Starts workers, up to so many, before they are needed. */
  start(count = this.#settings.limits.poolSize): Promise<void> {
    return this.#pool.start(count, this.#settings.deadline());
  }

  /** Objects of the workers, for code that knows what tensors and objects are outside. */
  remoteObjects(port: RemotePort): RemoteObjects {
    const bring: Bring = (worker, bytes, shape, dtype) => this.#bring(worker, bytes, shape, dtype);
    const objects = new Objects({
      pool: this.#pool,
      requests: this.#requests,
      tensors: this.#tensors,
      transfer: this.#transfer,
      callbacks: this.#callbacks,
      bring,
      port,
      waiting: new WaitingRequests(this.#lineage),
    });
    this.#objects.push(objects);
    return objects;
  }

  supports(operation: Operation): boolean {
    return operation.python !== null && !this.#operations.isUnresolved(operation);
  }

  prepare(operation: Operation): PreparedCall {
    let call = this.#prepared.get(operation);
    if (call === undefined) {
      call = new PythonCall(operation, this.#parts);
      this.#prepared.set(operation, call);
    }
    return call;
  }

  create(bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle {
    checkBytes(bytes, shape, dtype);
    const deadline = this.#requests.deadline();
    return this.#recovery.insist(() =>
      this.#bring(this.#pool.any(deadline, this.#batches.worker), bytes, shape, dtype),
    );
  }

  #createSoon(
    bytes: Uint8Array<ArrayBuffer>,
    shape: readonly number[],
    dtype: Dtype,
    operation: string,
  ): Handle | Promise<Handle> {
    // Only shared memory can transfer so much, and its set-up is waited for.
    if (bytes.length >= this.#settings.limits.maxFrameBytes) return this.create(bytes, shape, dtype);
    checkBytes(bytes, shape, dtype);
    const worker = this.#pool.ready;
    if (worker !== null && !this.#pool.flow.isFull(worker)) return this.#send(worker, bytes, shape, dtype);
    return this.#createLater(bytes, shape, dtype, operation);
  }

  async #createLater(bytes: Uint8Array, shape: readonly number[], dtype: Dtype, operation: string): Promise<Handle> {
    const { flow } = this.#pool;
    const deadline = this.#requests.deadline();
    return this.#recovery.insist(async () => {
      for (;;) {
        const worker = await this.#pool.anyAsync(deadline);
        if (worker.exit !== null) continue;
        if (!flow.isFull(worker)) return this.#send(worker, bytes, shape, dtype);
        await flow.room(worker, deadline, operation);
      }
    });
  }

  #bring(worker: PythonWorker, bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle {
    return this.#adopt(worker, this.#transfer.create(worker, bytes, shape, dtype), bytes, shape, dtype);
  }

  /** The same without waiting for anything. */
  #send(worker: PythonWorker, bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle {
    return this.#adopt(worker, this.#transfer.bring(worker, bytes, shape, dtype).id, bytes, shape, dtype);
  }

  #adopt(worker: PythonWorker, id: number, bytes: Uint8Array, shape: readonly number[], dtype: Dtype): Handle {
    const handle = this.#tensors.adopt(id, id, worker, { dtype, shape: [...shape] });
    this.#lineage.brought(this.#tensors.get(handle), bytes);
    return handle;
  }

  describe(handle: Handle): TensorInfo {
    const { shape, dtype } = this.#tensors.get(handle);
    return { shape, dtype };
  }

  read(handle: Handle): Uint8Array<ArrayBuffer> {
    return this.#evaluation.read(handle);
  }

  readAsync(handle: Handle, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#evaluation.readAsync(handle, signal);
  }

  eval(handles: readonly Handle[]): void {
    this.#evaluation.eval(handles);
  }

  evalAsync(handles: readonly Handle[], signal?: AbortSignal): Promise<void> {
    return this.#evaluation.evalAsync(handles, signal);
  }

  free(handle: Handle): void {
    this.#tensors.free(handle);
  }

  isAlive(handle: Handle): boolean {
    return this.#tensors.isAlive(handle);
  }

  #isLost(handle: Handle): boolean {
    if (!this.#tensors.isAlive(handle)) return false;
    const tensor = this.#tensors.get(handle);
    return !this.#tensors.isHeld(tensor) && !this.#lineage.isRepeatable(tensor);
  }

  #locate(handle: Handle): { worker: number; id: number } {
    const { holder, id } = this.#tensors.get(handle);
    return { worker: holder.place, id };
  }

  async shutdown(grace = 0): Promise<void> {
    await this.#pool.drained(grace);
    // What is shut down is not to be restored.
    for (const tensor of this.#tensors.living()) this.#lineage.forget(tensor);
    await this.#pool.stop();
  }
}

function checkBytes(bytes: Uint8Array, shape: readonly number[], dtype: Dtype): void {
  const expected = shape.reduce((product, length) => product * length, dtype.size);
  if (bytes.length === expected) return;
  throw new ArgumentError(
    `expected ${expected} bytes for the shape [${shape.join(', ')}] of ${dtype.name}, received ${bytes.length}`,
  );
}
