import { typed } from '../../registry/arguments/describe.ts';
import type { Incarnation } from '../call.ts';
import type { Pool } from '../pool.ts';
import type { Requests } from '../requests.ts';
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

/** Requests about objects, whose tensors come to the worker first. */
export class Asking {
  readonly #in: Surroundings;
  readonly #pool: Pool;
  readonly #requests: Requests;

  constructor(surroundings: Surroundings, pool: Pool, requests: Requests) {
    this.#in = surroundings;
    this.#pool = pool;
    this.#requests = requests;
  }

  /** The header of the answer. What needs no tensor from elsewhere is sent before this returns. */
  async ask(worker: Incarnation, { type, label, budget, header }: Question): Promise<Header> {
    this.#in.objects.sweep();
    for (;;) {
      const encoder = new ValueEncoder(this.#in, worker, label);
      const encoded = this.#encode(header, encoder, label);
      if (encoder.strays.size > 0) {
        await this.#bring(encoder, worker);
        continue;
      }
      const request = { type, header: encoded, payload: encoder.payload, label };
      const call = this.#requests.send(worker, budget === undefined ? request : { ...request, budget });
      return this.#requests.answer(await this.#requests.promise(call), label);
    }
  }

  #encode(header: Question['header'], encoder: ValueEncoder, label: string): Header {
    try {
      return header(encoder);
    } catch (error) {
      throw typed(error, label);
    }
  }

  async #bring({ strays }: ValueEncoder, worker: Incarnation): Promise<void> {
    const { tensors, transfer } = this.#in;
    for (const tensor of strays) {
      if (tensors.idAt(tensor, worker) !== undefined) continue;
      // A session leaves what is not its own where it is.
      if (this.#pool.sessions.current === undefined) await transfer.moveAsync(tensor, worker);
      else await transfer.copyAsync(tensor, worker);
    }
  }
}
