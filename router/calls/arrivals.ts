import type { Argument, Handle } from '../../foundation/values/values.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import type { Residency } from '../tensors/residency.ts';
import type { Tensor } from '../tensors/tensor.ts';
import { mapTensors, tensorsOf } from '../tensors/tree.ts';

/** A copy on its way to Python, and how many calls need it. */
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
 * Tensors that asynchronous calls bring to Python while no worker is ready. Each call has the values that its arguments
 * had when it was made, whatever becomes of these meanwhile.
 */
export class Arrivals {
  readonly #residency: Residency;
  readonly #isCold: () => boolean;
  readonly #coming = new Map<Handle, Arrival>();
  /** By lane: the last call that waits for a worker's start. It settles once that call is sent. */
  readonly #last = new WeakMap<object, Promise<void>>();

  /** `isCold`: whether a worker has to start before the running code can bring anything. */
  constructor(residency: Residency, isCold: () => boolean) {
    this.#residency = residency;
    this.#isCold = isCold;
  }

  /**
   * Begins to bring what the call needs; undefined if all of it is there, so that it can be sent in this very turn. Calls of
   * one lane that wait for the start of a worker are sent in their order.
   */
  begin(values: readonly unknown[], operation: string, lane: object): Arrived | undefined {
    const before = this.#last.get(lane);
    const inOrder = before !== undefined || this.#isCold();
    const needed = this.#bring(values, operation);
    const arrivals = [...needed.values()].filter((handle) => handle instanceof Arrival);
    if (arrivals.length === 0 && before === undefined) return undefined;
    const { promise: sent, resolve: send } = withResolvers();
    if (inOrder) this.#last.set(lane, sent);
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
        if (this.#last.get(lane) === sent) this.#last.delete(lane);
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
    const coming = tensor.native === null || tensor.python !== null ? undefined : this.#coming.get(tensor.native);
    if (coming !== undefined) {
      coming.calls += 1;
      return coming;
    }
    const copy = this.#residency.soon(tensor, operation);
    if (!(copy instanceof Promise)) return copy;
    const arrival = new Arrival(tensor, this.#residency.home(tensor).handle, copy);
    // Whoever awaits it meets the error as well.
    disregard(copy);
    this.#coming.set(arrival.origin, arrival);
    return arrival;
  }

  #leave(arrival: Arrival): void {
    arrival.calls -= 1;
    if (arrival.calls > 0) return;
    this.#coming.delete(arrival.origin);
    arrival.copy.then(
      (copy) => this.#residency.settle(arrival.tensor, arrival.origin, copy),
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
