import type { Backend } from '../../backend/backend.ts';
import type { Implementation } from '../../foundation/errors/errors.ts';
import type { Argument, Handle } from '../../foundation/values/values.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import type { Residency } from '../tensors/residency.ts';
import { handleAt, type Tensor } from '../tensors/tensor.ts';
import { mapTensors, tensorsOf } from '../tensors/tree.ts';

/** A copy on its way to a worker, and how many calls need it. */
class Arrival {
  readonly tensor: Tensor;
  readonly origin: Handle;
  readonly copy: Promise<Handle>;
  calls = 1;

  constructor(tensor: Tensor, origin: Handle, copy: Promise<Handle>) {
    this.tensor = tensor;
    this.origin = origin;
    this.copy = copy;
  }
}

/** Runs a call with its arguments, and keeps what came for it until it is done. */
export type Arrived = <T>(call: (args: Argument[]) => Promise<T>) => Promise<T>;

/**
 * Tensors that asynchronous calls bring to a backend with workers while none of these is ready. Each call has the values
 * that its arguments had when it was made, whatever becomes of these meanwhile.
 */
export class Arrivals {
  readonly #residency: Residency;
  readonly #backend: Backend;
  readonly #coming = new Map<Handle, Arrival>();
  /** By queue: the last call that waits for a worker's start. It settles once that call is sent. */
  readonly #last = new WeakMap<object, Promise<void>>();

  constructor(residency: Residency, backend: Backend) {
    this.#residency = residency;
    this.#backend = backend;
  }

  /** Whether tensors come to that backend later than they are asked for. */
  concern(side: Implementation): boolean {
    return side === this.#backend.name;
  }

  /**
   * Begins to bring what the call needs; undefined if all of it is there, so that it can be sent in this very turn. Calls of
   * one queue that wait for the start of a worker are sent in their order.
   */
  begin(values: readonly unknown[], operation: string, queue: object): Arrived | undefined {
    const before = this.#last.get(queue);
    const inOrder = before !== undefined || this.#backend.workers?.isCold === true;
    const needed = this.#bring(values, operation);
    const arrivals = [...needed.values()].filter((handle) => handle instanceof Arrival);
    if (arrivals.length === 0 && before === undefined) return undefined;
    const { promise: sent, resolve: send } = withResolvers();
    if (inOrder) this.#last.set(queue, sent);
    return async (call) => {
      try {
        const handles = new Map<Tensor, Handle>();
        for (const [tensor, handle] of needed) {
          handles.set(tensor, handle instanceof Arrival ? await handle.copy : handle);
        }
        await before;
        const result = call(mapTensors(values, (tensor) => handles.get(tensor)) as Argument[]);
        send();
        return await result;
      } finally {
        send();
        if (this.#last.get(queue) === sent) this.#last.delete(queue);
        for (const arrival of arrivals) this.#leave(arrival);
      }
    };
  }

  #bring(values: readonly unknown[], operation: string): Map<Tensor, Handle | Arrival> {
    const needed = new Map<Tensor, Handle | Arrival>();
    try {
      for (const tensor of tensorsOf(values, operation)) {
        if (!needed.has(tensor)) needed.set(tensor, this.#soon(tensor, operation));
      }
    } catch (error) {
      for (const handle of needed.values()) if (handle instanceof Arrival) this.#leave(handle);
      throw error;
    }
    return needed;
  }

  #soon(tensor: Tensor, operation: string): Handle | Arrival {
    const side = this.#backend.name;
    const coming =
      tensor.native === null || handleAt(tensor, side) !== null ? undefined : this.#coming.get(tensor.native);
    if (coming !== undefined) {
      coming.calls += 1;
      return coming;
    }
    const copy = this.#residency.soon(tensor, side, operation);
    if (!(copy instanceof Promise)) return copy;
    const arrival = new Arrival(tensor, this.#residency.holder(tensor).handle, copy);
    // An await of it throws the error as well.
    disregard(copy);
    this.#coming.set(arrival.origin, arrival);
    return arrival;
  }

  #leave(arrival: Arrival): void {
    arrival.calls -= 1;
    if (arrival.calls > 0) return;
    this.#coming.delete(arrival.origin);
    arrival.copy.then(
      (copy) => this.#residency.settle(arrival.tensor, this.#backend.name, arrival.origin, copy),
      () => undefined,
    );
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
