import { typed } from '../../registry/arguments/describe.ts';
import type { Callbacks } from '../callbacks/callbacks.ts';
import { Call, type Deadline, type PythonWorker, type Reply } from '../requests/call.ts';
import type { Requests } from '../requests/requests.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import type { Header } from '../wire/msgpack.ts';
import type { Pool } from '../workers/pool.ts';
import { ValueDecoder } from './decoder.ts';
import { type Surroundings, ValueEncoder } from './encoder.ts';

export interface Question {
  readonly type: number;
  /** For errors and telemetry. */
  readonly label: string;
  /** Absent: that of every call. */
  readonly deadline?: Deadline | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Of the trace that the request belongs to, where that is not the running code's. */
  readonly traceparent?: string | undefined;
  /** The header; may be asked for several times. */
  readonly header: (encoder: ValueEncoder) => Header;
}

/** Takes back what was registered, since the request is not sent. */
class ForeignTensors extends Error {
  readonly tensors: ReadonlySet<RemoteTensor>;

  constructor(tensors: ReadonlySet<RemoteTensor>) {
    super('tensors have to come first');
    this.tensors = tensors;
  }
}

interface AskingParts {
  readonly surroundings: Surroundings;
  readonly pool: Pool;
  readonly requests: Requests;
  readonly callbacks: Callbacks;
}

/** Requests about objects, whose tensors come to the worker first. */
export class Asking {
  readonly #in: Surroundings;
  readonly #pool: Pool;
  readonly #requests: Requests;
  readonly #callbacks: Callbacks;

  constructor({ surroundings, pool, requests, callbacks }: AskingParts) {
    this.#callbacks = callbacks;
    this.#in = surroundings;
    this.#pool = pool;
    this.#requests = requests;
  }

  /** The header of the answer. What needs no tensor from elsewhere is sent before this returns. */
  async ask(worker: PythonWorker, question: Question): Promise<Header> {
    this.#in.objects.sweep();
    const { label, signal, deadline = this.#requests.deadline() } = question;
    for (;;) {
      signal?.throwIfAborted();
      const sent = this.#send(worker, question, deadline);
      if (sent instanceof Call) return this.#requests.answer(await this.#answered(sent, signal), label);
      await this.bring(sent, worker, deadline);
    }
  }

  async #answered(call: Call, signal: AbortSignal | undefined): Promise<Reply> {
    try {
      return await this.#requests.promise(call, signal);
    } catch (error) {
      if (!call.settled) call.onSettled(() => this.#drop(call));
      throw error;
    }
  }

  /** What an answer brings that is no longer awaited: references are counted, so each must be received. */
  #drop(call: Call): void {
    try {
      const { v, items, number } = this.#requests.answer(call.reply);
      if (Number.isInteger(number)) {
        this.#in.objects.release(this.#in.objects.receive(call.worker, number as number, 'iteration'));
      }
      new ValueDecoder(this.#in, call.worker).value([v, items]);
    } catch {
      // It failed, or its worker has exited.
    }
  }

  /** The request, or the tensors that have to come to the worker first. */
  #send(
    worker: PythonWorker,
    { type, label, header, traceparent }: Question,
    deadline: Deadline,
  ): Call | ReadonlySet<RemoteTensor> {
    try {
      return this.#callbacks.withCallbacks(worker, label, (idOf, takeBack) => {
        const encoder = new ValueEncoder(this.#in, worker, label, idOf, takeBack);
        const encoded = header(encoder);
        if (encoder.foreign.size > 0) throw new ForeignTensors(encoder.foreign);
        const traced = traceparent === undefined ? encoded : { ...encoded, trace: traceparent };
        return this.#requests.send(worker, { type, header: traced, payload: encoder.payload, label, deadline });
      });
    } catch (error) {
      if (error instanceof ForeignTensors) return error.tensors;
      throw typed(error, label);
    }
  }

  /** Brings the tensors to the worker. */
  async bring(foreign: ReadonlySet<RemoteTensor>, worker: PythonWorker, deadline?: Deadline): Promise<void> {
    const { tensors, transfer } = this.#in;
    for (const tensor of foreign) {
      if (tensors.idAt(tensor, worker) !== undefined) continue;
      // A session leaves what is not its own where it is.
      await transfer.carryAsync(tensor, worker, this.#pool.sessions.current !== undefined, deadline);
    }
  }
}
