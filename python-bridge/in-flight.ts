import { WorkerTimeoutError } from '../registry/errors.ts';
import { Call, type Incarnation } from './call.ts';
import type { Deadline } from './deadline.ts';
import { deathError } from './failures.ts';
import type { Death } from './io-thread/messages.ts';

const MAX_CALL = 2 ** 32 - 1;

/** The calls that are not settled, by their numbers on the wire. */
export class InFlight {
  readonly #calls = new Map<number, Call>();
  #last = 0;

  /** A call under a number of its own; not in flight before it is added. */
  create(worker: Incarnation, label: string, deadline: Deadline, background: boolean): Call {
    do this.#last = this.#last >= MAX_CALL ? 1 : this.#last + 1;
    while (this.#calls.has(this.#last));
    return new Call(this.#last, worker, label, deadline, background);
  }

  add(call: Call): void {
    this.#calls.set(call.id, call);
  }

  find(id: number): Call | undefined {
    return this.#calls.get(id);
  }

  /** The call, if it is that worker's: an answer to one that was given up must not reach another one. */
  take(id: number, worker: number): Call | undefined {
    const call = this.#calls.get(id);
    if (call === undefined || call.worker.id !== worker) return undefined;
    this.remove(call);
    return call;
  }

  remove(call: Call): void {
    this.#calls.delete(call.id);
  }

  /** Those that somebody waits for. */
  get awaited(): Call[] {
    return [...this.#calls.values()].filter(({ background, done }) => !background && !done);
  }

  /** Its time is over while its worker is busy with older ones; the answer may still come. */
  late(id: number): void {
    const call = this.#calls.get(id);
    const details = { operation: call?.label, implementation: 'python' as const };
    const text = `no answer within ${call?.budget} ms; its worker was busy with older calls all the time`;
    call?.giveUp(new WorkerTimeoutError(text, details));
  }

  /** It never reached its worker. */
  withdrawn(id: number): Call | undefined {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    this.remove(call);
    if (!call.background) call.worker.pending -= 1;
    call.settle(new WorkerTimeoutError('the call was withdrawn before it was sent', { operation: call.label }));
    return call;
  }

  /** Their worker died. */
  bury(worker: Incarnation, death: Death): void {
    const calls = [...this.#calls.values()].filter((call) => call.worker === worker);
    // When the late one is a request that nobody waits for, the next one is who has waited too long.
    const culprit =
      calls.find((call) => call.id === death.call && !call.background) ?? calls.find((call) => !call.background);
    for (const call of calls) {
      this.remove(call);
      call.settle(deathError(death, call, call === culprit, call === calls[0]));
    }
  }
}
