import type { Handle } from '../../foundation/values/values.ts';
import type { Lineage } from '../recovery/lineage.ts';
import type { Recovery } from '../recovery/recovery.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import type { Transfer } from '../tensors/transfer.ts';
import { FrameType } from '../wire/frames.ts';
import type { Pool } from '../workers/pool.ts';
import type { Call, PythonWorker } from './call.ts';
import { EVAL_LABEL } from './failures.ts';
import type { Flow } from './flow.ts';
import type { Requests } from './requests.ts';

interface Parts {
  readonly pool: Pool;
  readonly tensors: TensorTable;
  readonly requests: Requests;
  readonly transfer: Transfer;
  readonly lineage: Lineage;
  readonly recovery: Recovery;
}

/** Computing tensors at their workers, and reading their values. What a worker's end has cut short is done again. */
export class Evaluation {
  readonly #flow: Flow;
  readonly #tensors: TensorTable;
  readonly #requests: Requests;
  readonly #transfer: Transfer;
  readonly #lineage: Lineage;
  readonly #recovery: Recovery;

  constructor({ pool, tensors, requests, transfer, lineage, recovery }: Parts) {
    this.#flow = pool.flow;
    this.#tensors = tensors;
    this.#requests = requests;
    this.#transfer = transfer;
    this.#lineage = lineage;
    this.#recovery = recovery;
  }

  read(handle: Handle): Uint8Array<ArrayBuffer> {
    return this.#recovery.insist(() => {
      const tensor = this.#tensors.usable(handle, EVAL_LABEL);
      const bytes = this.#transfer.read(tensor);
      this.#lineage.seen(tensor, bytes);
      return bytes;
    });
  }

  async readAsync(handle: Handle, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const deadline = this.#requests.deadline();
    return this.#recovery.insist(async () => {
      for (;;) {
        signal?.throwIfAborted();
        // The request goes out at once where it can: the caller may drop the tensor in the next line.
        const restoration = this.#recovery.restoration(handle);
        if (restoration !== undefined) {
          await restoration;
          continue;
        }
        const tensor = this.#tensors.usable(handle, EVAL_LABEL);
        if (this.#flow.isFull(tensor.holder)) {
          await this.#flow.room(tensor.holder, deadline, EVAL_LABEL, signal);
          continue;
        }
        const bytes = await this.#transfer.readAsync(tensor, deadline, signal);
        this.#lineage.seen(tensor, bytes);
        return bytes;
      }
    });
  }

  text(handle: Handle, precision: number): string {
    return this.#recovery.insist(() => {
      const { holder, id } = this.#tensors.usable(handle, EVAL_LABEL);
      const call = this.#requests.send(holder, {
        type: FrameType.TEXT,
        header: precision < 0 ? { tensor: id } : { tensor: id, precision },
        label: EVAL_LABEL,
      });
      return String(this.#requests.answer(this.#requests.waits.wait(call))['v']);
    });
  }

  eval(handles: readonly Handle[]): void {
    this.#recovery.insist(() => {
      for (const handle of handles) this.#tensors.usable(handle, EVAL_LABEL);
      // All are sent before the first is waited for, so that workers compute at the same time.
      const calls = this.#beginEvals(handles);
      for (const call of calls) this.#requests.answer(this.#requests.waits.wait(call));
    });
  }

  async evalAsync(handles: readonly Handle[], signal?: AbortSignal): Promise<void> {
    const deadline = this.#requests.deadline();
    await this.#recovery.insist(async () => {
      for (;;) {
        signal?.throwIfAborted();
        let restoration: Promise<void> | undefined;
        for (const handle of handles) restoration ??= this.#recovery.restoration(handle);
        if (restoration !== undefined) {
          await restoration;
          continue;
        }
        const holders = handles.map((handle) => this.#tensors.usable(handle, EVAL_LABEL).holder);
        const full = holders.find((holder) => this.#flow.isFull(holder));
        if (full === undefined) break;
        await this.#flow.room(full, deadline, EVAL_LABEL, signal);
      }
      const calls = this.#beginEvals(handles);
      const replies = await Promise.all(calls.map((call) => this.#requests.promise(call, signal)));
      for (const reply of replies) this.#requests.answer(reply);
    });
  }

  #beginEvals(handles: readonly Handle[]): Call[] {
    const byWorker = new Map<PythonWorker, number[]>();
    for (const handle of handles) {
      const { holder, id } = this.#tensors.usable(handle, EVAL_LABEL);
      const tensors = byWorker.get(holder);
      if (tensors === undefined) byWorker.set(holder, [id]);
      else tensors.push(id);
    }
    return [...byWorker].map(([holder, tensors]) =>
      this.#requests.send(holder, { type: FrameType.EVAL, header: { tensors }, label: EVAL_LABEL }),
    );
  }
}
