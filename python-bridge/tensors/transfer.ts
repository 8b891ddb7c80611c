import { ProtocolError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import type { Settings } from '../options.ts';
import type { Call, Deadline, PythonWorker } from '../requests/call.ts';
import { EVAL_LABEL } from '../requests/failures.ts';
import type { Requests } from '../requests/requests.ts';
import { runBlocking, runInTurns, type Steps, waitFor } from '../requests/steps.ts';
import { FrameType } from '../wire/frames.ts';
import { Arena, type Reservation } from './arena/arena.ts';
import type { RemoteTensor } from './remote-tensor.ts';
import type { TensorTable } from './tensor-table.ts';

const CREATE_LABEL = 'mx.array';
/** Tensor bytes that may be on their way to a worker without a wait. */
const UNCONFIRMED_BYTES = 4 * 2 ** 20;
/** From so many bytes on shared memory is faster than the pipe; see docs/adr/0017. */
const SHARED_BYTES = 256 * 1024;

/** Tensor bytes to workers, from them, and between them. */
export class Transfer {
  readonly #settings: Settings;
  readonly #requests: Requests;
  readonly #tensors: TensorTable;
  readonly #arenas = new Map<PythonWorker, Arena>();

  constructor(settings: Settings, requests: Requests, tensors: TensorTable) {
    this.#settings = settings;
    this.#requests = requests;
    this.#tensors = tensors;
  }

  /** Copies the bytes, and gives the number that the tensor has in the worker. */
  create(worker: PythonWorker, bytes: Uint8Array, shape: readonly number[], dtype: Dtype): number {
    const wait = worker.unconfirmedBytes + bytes.length > UNCONFIRMED_BYTES;
    const reservation = this.#shares(bytes.length) ? this.#arenaOf(worker).take(bytes.length) : null;
    const { id, call } = this.#beginCreate(worker, bytes, reservation, shape, dtype, !wait);
    if (wait) {
      try {
        this.#requests.answer(this.#requests.waits.wait(call));
      } catch (error) {
        if (call.settled) this.#tensors.release(id);
        else call.onSettled(() => this.#tensors.discard(worker, id));
        throw error;
      }
    }
    return id;
  }

  read(tensor: RemoteTensor, deadline?: Deadline): Uint8Array<ArrayBuffer> {
    const reservation = this.#shares(tensor.bytes) ? this.#arenaOf(tensor.holder).take(tensor.bytes) : null;
    const { call, payload } = this.#beginRead(tensor, reservation, deadline);
    this.#requests.waits.wait(call);
    return payload();
  }

  async readAsync(tensor: RemoteTensor, deadline?: Deadline, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { call, payload } = this.#beginRead(tensor, this.#reservationReady(tensor.holder, tensor.bytes), deadline);
    await this.#requests.promise(call, signal);
    return payload();
  }

  /** Begins to bring bytes there; the number is to be released by the code that frees the tensor. */
  bring(worker: PythonWorker, bytes: Uint8Array, shape: readonly number[], dtype: Dtype): { id: number; call: Call } {
    return this.#beginCreate(worker, bytes, this.#reservationReady(worker, bytes.length), shape, dtype, true);
  }

  /** Begins to read; `payload` gives the bytes once the call has settled. `background`: it is not awaited. */
  fetch(tensor: RemoteTensor, background = false): { call: Call; payload: () => Uint8Array<ArrayBuffer> } {
    return this.#beginRead(tensor, this.#reservationReady(tensor.holder, tensor.bytes), undefined, background);
  }

  /** The values come to that worker: as a copy for the current session if the tensor stays, else for good. */
  *carrying(tensor: RemoteTensor, to: PythonWorker, stays: boolean, deadline?: Deadline): Steps<void> {
    const from = tensor.holder;
    const bytes = yield* waitFor(
      () => this.read(tensor, deadline),
      () => this.readAsync(tensor, deadline),
    );
    this.#arrive(tensor, from, to, stays, bytes);
  }

  carry(tensor: RemoteTensor, to: PythonWorker, stays: boolean): void {
    runBlocking(this.carrying(tensor, to, stays));
  }

  carryAsync(tensor: RemoteTensor, to: PythonWorker, stays: boolean, deadline?: Deadline): Promise<void> {
    return runInTurns(this.carrying(tensor, to, stays, deadline));
  }

  /** How large tensors cross, for people. */
  sharing(): string {
    const { sharedMemoryFolder, memory } = this.#settings;
    const { sharedMemoryBytes } = this.#settings.limits;
    if (sharedMemoryBytes === 0) return 'off by configuration; large tensors go through the pipe';
    for (const { problem } of this.#arenas.values()) {
      if (problem !== null) return `none, large tensors go through the pipe: ${problem}`;
    }
    try {
      const bytes = Math.min(sharedMemoryBytes, Arena.mostOf(sharedMemoryFolder));
      const how = memory === undefined ? 'read and written as a file' : 'mapped';
      return `${sharedMemoryFolder}, ${how}, up to ${Math.floor(bytes / 2 ** 20)} MiB for each worker`;
    } catch (error) {
      return `none, large tensors go through the pipe: ${messageOf(error)}`;
    }
  }

  /** Bytes that this process shares with workers now. */
  get sharedBytes(): number {
    return [...this.#arenas.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #arrive(
    tensor: RemoteTensor,
    from: PythonWorker,
    to: PythonWorker,
    stays: boolean,
    bytes: Uint8Array<ArrayBuffer>,
  ): void {
    // Another call may have brought it, moved it or freed it meanwhile.
    if (tensor.holder !== from || tensor.freed || to.exit !== null) return;
    if (this.#tensors.idAt(tensor, to) !== undefined) return;
    const size = bytes.length;
    const { id } = this.#beginCreate(to, bytes, this.#reservationReady(to, size), tensor.shape, tensor.dtype, true);
    if (stays) this.#tensors.copied(tensor, to, id);
    else this.#tensors.move(tensor, to, id);
    this.#settings.report({ type: stays ? 'copied' : 'moved', from: from.place, to: to.place, bytes: size });
  }

  #shares(bytes: number): boolean {
    return bytes >= SHARED_BYTES && this.#settings.limits.sharedMemoryBytes > 0;
  }

  #reservationReady(worker: PythonWorker, bytes: number): Reservation | null {
    return this.#shares(bytes) ? this.#arenaOf(worker).takeReady(bytes) : null;
  }

  #arenaOf(worker: PythonWorker): Arena {
    let arena = this.#arenas.get(worker);
    if (arena === undefined) {
      const made = new Arena(worker, this.#settings, this.#requests);
      arena = made;
      this.#arenas.set(worker, arena);
      worker.onExit(() => {
        made.close();
        this.#arenas.delete(worker);
      });
    }
    return arena;
  }

  /** Copies the bytes. The worker confirms; if it cannot, the tensor is unknown to it. */
  #beginCreate(
    worker: PythonWorker,
    bytes: Uint8Array,
    reservation: Reservation | null,
    shape: readonly number[],
    dtype: Dtype,
    background: boolean,
  ): { id: number; call: Call } {
    const id = this.#tensors.reserve();
    const size = bytes.length;
    const header = { out: id, shape, dtype: dtype.code };
    const request = { type: FrameType.CREATE, label: CREATE_LABEL, background };
    let call: Call;
    try {
      reservation?.write(bytes);
      call =
        reservation === null
          ? this.#requests.send(worker, { ...request, header, payload: new Uint8Array(bytes) })
          : this.#requests.send(worker, { ...request, header: { ...header, at: placeOf(reservation) } });
    } catch (error) {
      reservation?.give();
      this.#tensors.release(id);
      throw error;
    }
    worker.carry(size);
    call.onSettled(() => {
      worker.carry(-size);
      reservation?.give();
    });
    return { id, call };
  }

  #beginRead(
    { holder, id, bytes: size }: RemoteTensor,
    reservation: Reservation | null,
    deadline: Deadline | undefined,
    background = false,
  ): { call: Call; payload: () => Uint8Array<ArrayBuffer> } {
    const header = reservation === null ? { tensor: id } : { tensor: id, at: placeOf(reservation) };
    let call: Call;
    try {
      const request = { type: FrameType.READ, header, label: EVAL_LABEL, background, answerBytes: size };
      call = this.#requests.send(holder, deadline === undefined ? request : { ...request, deadline });
    } catch (error) {
      reservation?.give();
      throw error;
    }
    const payload = (): Uint8Array<ArrayBuffer> => {
      const { reply } = call;
      this.#requests.answer(reply);
      if (reservation !== null) return reservation.read();
      if (reply.payload.length === size) return reply.payload;
      throw new ProtocolError(`the worker sent ${reply.payload.length} bytes of a tensor of ${size}`);
    };
    if (reservation === null) return { call, payload };
    // Copied as soon as the answer is there, whether or not it is still awaited: the region is needed again.
    let take = payload;
    call.onSettled(() => {
      try {
        const bytes = payload();
        take = () => bytes;
      } catch (error) {
        take = () => {
          throw error;
        };
      } finally {
        reservation.give();
      }
    });
    return { call, payload: () => take() };
  }
}

function placeOf({ region }: Reservation): [number, number] {
  return [region.offset, region.bytes];
}
