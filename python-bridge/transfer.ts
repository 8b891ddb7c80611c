import type { Dtype } from '../registry/dtypes.ts';
import type { Call, Incarnation, Reply } from './call.ts';
import { EVAL_LABEL } from './failures.ts';
import type { Settings } from './options.ts';
import type { Requests } from './requests.ts';
import type { RemoteTensor, TensorTable } from './tensor-table.ts';
import { FrameType } from './wire/frames.ts';

const CREATE_LABEL = 'mx.array';
/** Tensor bytes that may be on their way to a worker without a wait. */
const UNCONFIRMED_BYTES = 4 * 2 ** 20;

/** Tensor bytes to workers, from them, and between them. */
export class Transfer {
  readonly #settings: Settings;
  readonly #requests: Requests;
  readonly #tensors: TensorTable;

  constructor(settings: Settings, requests: Requests, tensors: TensorTable) {
    this.#settings = settings;
    this.#requests = requests;
    this.#tensors = tensors;
  }

  /** Copies the bytes, and gives the number that the tensor has in the worker. */
  create(worker: Incarnation, bytes: Uint8Array, shape: readonly number[], dtype: Dtype): number {
    const wait = worker.unconfirmedBytes + bytes.length > UNCONFIRMED_BYTES;
    const { id, call } = this.#beginCreate(worker, new Uint8Array(bytes), shape, dtype, !wait);
    if (wait) {
      try {
        this.#requests.answer(this.#requests.wait(call));
      } catch (error) {
        this.#tensors.release(id);
        throw error;
      }
    }
    return id;
  }

  read(tensor: RemoteTensor): Uint8Array<ArrayBuffer> {
    return this.#payload(this.#requests.wait(this.#beginRead(tensor)));
  }

  async readAsync(tensor: RemoteTensor): Promise<Uint8Array<ArrayBuffer>> {
    return this.#payload(await this.#requests.promise(this.#beginRead(tensor)));
  }

  move(tensor: RemoteTensor, to: Incarnation): void {
    const from = tensor.home;
    this.#rehome(tensor, from, to, this.read(tensor));
  }

  async moveAsync(tensor: RemoteTensor, to: Incarnation): Promise<void> {
    const from = tensor.home;
    this.#rehome(tensor, from, to, await this.readAsync(tensor));
  }

  #rehome(tensor: RemoteTensor, from: Incarnation, to: Incarnation, bytes: Uint8Array<ArrayBuffer>): void {
    // Another call may have moved or freed it meanwhile.
    if (tensor.home !== from || tensor.freed || to.death !== null) return;
    const size = bytes.length;
    const { id } = this.#beginCreate(to, bytes, tensor.shape, tensor.dtype, true);
    this.#tensors.rehome(tensor, to, id);
    this.#settings.report({ type: 'moved', from: from.place, to: to.place, bytes: size });
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
      call = this.#requests.send(worker, { type: FrameType.CREATE, header, payload, label: CREATE_LABEL, background });
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
    return this.#requests.send(home, { type: FrameType.READ, header: { tensor: id }, label: EVAL_LABEL });
  }

  #payload(reply: Reply): Uint8Array<ArrayBuffer> {
    this.#requests.answer(reply);
    return reply.payload;
  }
}
