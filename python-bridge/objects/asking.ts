import { typed } from '../../registry/arguments/describe.ts';
import { Call, type Incarnation } from '../call.ts';
import type { Callbacks } from '../callbacks.ts';
import type { Pool } from '../pool.ts';
import type { Requests } from '../requests.ts';
import type { RemoteTensor } from '../tensor-table.ts';
import type { Header } from '../wire/msgpack.ts';
import { type Surroundings, ValueEncoder } from './encoder.ts';

export interface Question {
  readonly type: number;
  /** For errors and telemetry. */
  readonly label: string;
  readonly budget?: number | undefined;
  /** The header; may be asked for several times. */
  readonly header: (encoder: ValueEncoder) => Header;
}

/** Takes back what was lent, since the request is not sent. */
class Astray extends Error {
  readonly tensors: ReadonlySet<RemoteTensor>;

  constructor(tensors: ReadonlySet<RemoteTensor>) {
    super('tensors have to come first');
    this.tensors = tensors;
  }
}

/** Requests about objects, whose tensors come to the worker first. */
export class Asking {
  readonly #in: Surroundings;
  readonly #pool: Pool;
  readonly #requests: Requests;
  readonly #callbacks: Callbacks;

  constructor(surroundings: Surroundings, pool: Pool, requests: Requests, callbacks: Callbacks) {
    this.#callbacks = callbacks;
    this.#in = surroundings;
    this.#pool = pool;
    this.#requests = requests;
  }

  /** The header of the answer. What needs no tensor from elsewhere is sent before this returns. */
  async ask(worker: Incarnation, { type, label, budget, header }: Question): Promise<Header> {
    this.#in.objects.sweep();
    for (;;) {
      const sent = this.#send(worker, { type, label, budget, header });
      if (sent instanceof Call) return this.#requests.answer(await this.#requests.promise(sent), label);
      await this.bring(sent, worker);
    }
  }

  /** The request, or the tensors that have to come to the worker first. */
  #send(worker: Incarnation, { type, label, budget, header }: Question): Call | ReadonlySet<RemoteTensor> {
    try {
      return this.#callbacks.lending(worker, label, (idOf) => {
        const encoder = new ValueEncoder(this.#in, worker, label, idOf);
        const encoded = header(encoder);
        if (encoder.strays.size > 0) throw new Astray(encoder.strays);
        const request = { type, header: encoded, payload: encoder.payload, label };
        return this.#requests.send(worker, budget === undefined ? request : { ...request, budget });
      });
    } catch (error) {
      if (error instanceof Astray) return error.tensors;
      throw typed(error, label);
    }
  }

  /** Brings the tensors to the worker. */
  async bring(strays: ReadonlySet<RemoteTensor>, worker: Incarnation): Promise<void> {
    const { tensors, transfer } = this.#in;
    for (const tensor of strays) {
      if (tensors.idAt(tensor, worker) !== undefined) continue;
      // A session leaves what is not its own where it is.
      await transfer.carryAsync(tensor, worker, this.#pool.sessions.current !== undefined);
    }
  }
}
