import type {
  KeptAccess,
  KeptDescription,
  Prefetch,
  RemoteAccess,
  RemoteCall,
  RemoteLook,
  RemoteObjects,
  RemotePlace,
  RemotePort,
  RemoteReference,
  RemoteStep,
} from '../../backend/remote-objects.ts';
import { ArgumentError, ProtocolError, WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import type { Session } from '../../foundation/values/session.ts';
import type { WaitOptions } from '../../registry/arguments/options.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import type { Callbacks } from '../callbacks/callbacks.ts';
import type { Deadline, PythonWorker } from '../requests/call.ts';
import type { Requests } from '../requests/requests.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import type { Transfer } from '../tensors/transfer.ts';
import { FrameType } from '../wire/frames.ts';
import type { Header } from '../wire/msgpack.ts';
import type { Pool } from '../workers/pool.ts';
import { Asking, type Question } from './asking.ts';
import { ValueDecoder } from './decoder.ts';
import type { Bring, Surroundings, ValueEncoder } from './encoder.ts';
import { FunctionTable } from './functions.ts';
import { Kept } from './kept.ts';
import { labelOf } from './labels.ts';
import { type ObjectReference, ObjectTable } from './object-table.ts';
import type { WaitingRequests } from './waiting-requests.ts';

const IMPORT_LABEL = 'mx.python.import';

interface ObjectsParts {
  readonly pool: Pool;
  readonly requests: Requests;
  readonly tensors: TensorTable;
  readonly transfer: Transfer;
  readonly callbacks: Callbacks;
  readonly bring: Bring;
  readonly port: RemotePort;
  readonly waiting: WaitingRequests;
}

/** Python's objects where they live: nothing is copied but plain data. */
export class Objects implements RemoteObjects {
  readonly #pool: Pool;
  readonly #requests: Requests;
  readonly #waiting: WaitingRequests;
  readonly #table: ObjectTable;
  readonly #in: Surroundings;
  readonly #asking: Asking;
  readonly #kept = new Map<string, { readonly fingerprint: string; readonly kept: Kept }>();
  /** Where modules are imported, so that their objects can be used together. */
  #holder: PythonWorker | null = null;

  constructor({ pool, requests, tensors, transfer, callbacks, bring, port, waiting }: ObjectsParts) {
    this.#pool = pool;
    this.#waiting = waiting;
    this.#requests = requests;
    this.#table = new ObjectTable(requests, () => pool.sessions.current);
    const functions = new FunctionTable(
      () => this.#in,
      () => this.#asking,
    );
    this.#in = { port, objects: this.#table, tensors, transfer, functions, bring };
    this.#asking = new Asking({ surroundings: this.#in, pool, requests, callbacks });
  }

  get size(): number {
    return this.#table.live;
  }

  async import(
    module: string,
    beside: RemoteReference | undefined,
    waitOptions: WaitOptions,
  ): Promise<ObjectReference> {
    const deadline = this.#requests.deadline(waitOptions.timeoutMs);
    if (beside !== undefined) {
      const { holder } = this.#table.usable(beside, IMPORT_LABEL);
      return this.importAt(holder, module, deadline, waitOptions.signal);
    }
    return this.#waiting.insist(async () => {
      const worker = await this.#holderOfModules(deadline);
      return this.importAt(worker, module, deadline, waitOptions.signal);
    });
  }

  async importAt(
    worker: PythonWorker,
    module: string,
    deadline: Deadline,
    signal?: AbortSignal,
  ): Promise<ObjectReference> {
    const header = { module };
    const answer = await this.#asking.ask(worker, {
      type: FrameType.IMPORT,
      label: IMPORT_LABEL,
      header: () => header,
      deadline,
      signal,
    });
    return this.#referenceIn(worker, answer);
  }

  /** What the function gives, which must be an object. */
  async make(
    reference: ObjectReference,
    path: readonly RemoteStep[],
    call: RemoteCall,
    deadline: Deadline,
  ): Promise<ObjectReference> {
    const answer = await this.#ask(FrameType.INVOKE, { reference, path }, invocation(call), { deadline });
    return this.#referenceIn(reference.holder, answer);
  }

  access(reference: RemoteReference): RemoteAccess {
    return {
      get: (path) => this.#get(reference, path),
      invoke: (path, call) => this.#invoke(reference, path, call),
    };
  }

  async set(place: RemotePlace, value: unknown): Promise<void> {
    await this.#about(FrameType.SET, place, (encoder) => ({ value: encoder.value(value) }));
  }

  async delete(place: RemotePlace): Promise<void> {
    await this.#about(FrameType.DELETE, place, () => ({}));
  }

  async look(place: RemotePlace, how: RemoteLook): Promise<unknown> {
    return this.#about(FrameType.LOOK, place, () => ({ how }));
  }

  async *iterate(place: RemotePlace, prefetch: Prefetch): AsyncGenerator<unknown, void, undefined> {
    const label = labelOf(place.reference, place.path);
    const { holder } = this.#table.usable(place.reference, label);
    const wait = (): Wait => ({ deadline: this.#requests.deadline(prefetch.timeoutMs), signal: prefetch.signal });
    const { number } = await this.#ask(FrameType.ITERATE, place, () => ({}), wait());
    if (!Number.isInteger(number)) throw new ProtocolError("the worker's answer has no number of an iteration");
    const iteration = this.#table.receive(holder, number as number, `iteration of ${label}`);
    const on = { reference: iteration, path: [] };
    const decoder = new ValueDecoder(this.#in, holder);
    let gaveUp = false;
    try {
      for (;;) {
        this.#table.usable(iteration, label);
        const header = { on: iteration.number, count: prefetch.count, ms: prefetch.ms };
        const answer = await this.#asking
          .ask(holder, { type: FrameType.NEXT, label, header: () => header, ...wait() })
          .catch((error: unknown) => {
            // The worker has closed it, unless it has not answered.
            gaveUp = isTimeoutOrAbort(error, prefetch);
            if (!gaveUp) this.#table.forget(iteration);
            throw error;
          });
        const { items, done } = answer;
        if (done === true) this.#table.forget(iteration);
        // All of them at once: what is not decoded would never be given back.
        const values = decoder.value(items);
        if (!Array.isArray(values)) throw new ProtocolError("the worker's answer has no items");
        yield* values;
        if (done === true) return;
      }
    } finally {
      if (!iteration.isReleased && holder.exit === null) {
        const closed = this.#ask(FrameType.CLOSE, on, () => ({})).finally(() => this.#table.forget(iteration));
        // After a timeout or an abort the caller does not wait until the worker is done with the item before.
        if (gaveUp) disregard(closed);
        else await closed;
      }
    }
  }

  release(reference: RemoteReference): void {
    this.#table.release(reference);
  }

  outlive(reference: RemoteReference, session: Session): void {
    this.#table.keep(reference, session);
  }

  /** Frees every object that belongs to the session. */
  endSession(session: Session): void {
    this.#table.endSession(session);
  }

  keep(name: string, description: KeptDescription): KeptAccess {
    const fingerprint = JSON.stringify([description.factory, description.batch]);
    const known = this.#kept.get(name);
    if (known !== undefined && !known.kept.isReleased) {
      if (known.fingerprint === fingerprint) return known.kept;
      throw new ArgumentError(
        `"${name}" is kept already, made by another factory or with other batches; release it first, or choose another name`,
        { operation: 'mx.python.keep' },
      );
    }
    const kept = new Kept(name, description, this.#pool, this.#requests, this.#asking, this.#in, this, this.#waiting);
    this.#kept.set(name, { fingerprint, kept });
    return kept;
  }

  async #holderOfModules(deadline: Deadline): Promise<PythonWorker> {
    const holder = this.#pool.sessions.current === undefined ? this.#holder : null;
    if (holder !== null && holder.exit === null) return holder;
    let worker: PythonWorker;
    try {
      worker = await this.#pool.anyAsync(deadline);
    } catch (error) {
      throw error instanceof WorkerTimeoutError
        ? new WorkerTimeoutError(error.message, { operation: IMPORT_LABEL, implementation: 'python', cause: error })
        : error;
    }
    if (this.#pool.sessions.current === undefined) this.#holder = worker;
    return worker;
  }

  async #get(reference: RemoteReference, path: readonly RemoteStep[]): Promise<unknown> {
    return this.#about(FrameType.GET, { reference, path }, () => ({}));
  }

  async #invoke(reference: RemoteReference, path: readonly RemoteStep[], call: RemoteCall): Promise<unknown> {
    const { timeoutMs, signal } = call;
    const wait = { deadline: this.#requests.deadline(timeoutMs), signal };
    return this.#about(FrameType.INVOKE, { reference, path }, invocation(call), wait);
  }

  /** The value in the answer. */
  async #about(
    type: number,
    place: RemotePlace,
    header: (encoder: ValueEncoder) => Header,
    wait?: Wait,
  ): Promise<unknown> {
    const { holder } = this.#table.usable(place.reference, labelOf(place.reference, place.path));
    const answer = await this.#ask(type, place, header, wait);
    return new ValueDecoder(this.#in, holder).value(answer['v']);
  }

  async #ask(
    type: number,
    { reference, path }: RemotePlace,
    header: (encoder: ValueEncoder) => Header,
    wait: Wait = {},
  ): Promise<Header> {
    const label = labelOf(reference, path);
    const { holder } = this.#table.usable(reference, label);
    return this.#asking.ask(holder, {
      type,
      label,
      ...wait,
      // An object may be released while tensors are on their way.
      header: (encoder) => ({
        on: this.#table.usable(reference, label).number,
        path: encoder.path(path),
        ...header(encoder),
      }),
    });
  }

  #referenceIn(worker: PythonWorker, { v }: Header): ObjectReference {
    const [number, title] = ((v as { r?: unknown } | null)?.r ?? []) as unknown[];
    if (Number.isInteger(number)) return this.#table.receive(worker, number as number, String(title));
    throw new ArgumentError('expected an object that stays in Python, received plain data or an array', {
      operation: 'mx.python.keep',
    });
  }
}

/** How long an answer is waited for. */
type Wait = Pick<Question, 'deadline' | 'signal'>;

/** Whether it is the wait that has come to its end, not the iteration. */
function isTimeoutOrAbort(error: unknown, { signal }: Prefetch): boolean {
  return error instanceof WorkerTimeoutError || (signal?.aborted === true && error === signal.reason);
}

function invocation({ args, kwargs }: RemoteCall): (encoder: ValueEncoder) => Header {
  return (encoder) => ({ args: args.map((value) => encoder.value(value)), kwargs: encoder.keywords(kwargs) });
}
