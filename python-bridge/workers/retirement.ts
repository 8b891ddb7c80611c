import type { Settings } from '../options.ts';
import { Deadline, type PythonWorker } from '../requests/call.ts';
import type { Conversation } from '../requests/conversation.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import type { Place } from './place.ts';

/** How a leaving worker's tensors are found and moved. */
export interface Movers {
  tensorsAt(worker: PythonWorker): readonly RemoteTensor[];
  move(tensor: RemoteTensor, to: PythonWorker, deadline: Deadline): Promise<void>;
}

/**
 * Workers that have done enough make way for new ones. What such a worker holds is moved first, one tensor at a time, so
 * that nothing is lost; it leaves once it holds nothing.
 */
export class Retirement {
  readonly #settings: Settings;
  readonly #conversation: Conversation;
  readonly #successorOf: (worker: PythonWorker) => Place;
  readonly #moving = new Set<PythonWorker>();
  #movers: Movers | null = null;
  /** Workers that have left. */
  count = 0;

  constructor(settings: Settings, conversation: Conversation, successorOf: (worker: PythonWorker) => Place) {
    this.#settings = settings;
    this.#conversation = conversation;
    this.#successorOf = successorOf;
  }

  use(movers: Movers): void {
    this.#movers = movers;
  }

  /** Whether the worker has reached a limit. One whose predecessor has not left yet waits. */
  isDue(worker: PythonWorker): boolean {
    const { workerMaxRequests, workerMaxAgeMs, workerMaxResidentBytes } = this.#settings.limits;
    if (workerMaxRequests === 0 && workerMaxAgeMs === 0 && workerMaxResidentBytes === 0) return false;
    if (worker.suspended > 0 || this.#reason(worker) === null) return false;
    return !this.#conversation.workers.some(({ place, retiring }) => place === worker.place && retiring !== null);
  }

  begin(worker: PythonWorker): void {
    const reason = this.#reason(worker) ?? 'asked to';
    // Not in the middle of what frees the last one, which has more to say to the worker.
    worker.retire(reason, () => setImmediate(() => this.proceed(worker)).unref());
    this.#settings.report({ type: 'retiring', worker: worker.place, pid: worker.pid, reason });
  }

  /** Lets a retiring worker go if it holds nothing any more; moves what it holds otherwise. */
  proceed(worker: PythonWorker): void {
    if (worker.exit !== null || worker.pending > 0) return;
    if (worker.tensors === 0 && worker.objects === 0) {
      if (worker.retired) return;
      worker.leave();
      this.count += 1;
      this.#conversation.retire(worker);
    } else if (!this.#moving.has(worker)) {
      this.#moving.add(worker);
      // In a turn of its own: the waiter for the answer goes on first.
      setImmediate(() => {
        void this.#empty(worker).finally(() => this.#moving.delete(worker));
      }).unref();
    }
  }

  async #empty(worker: PythonWorker): Promise<void> {
    for (const tensor of this.#movers?.tensorsAt(worker) ?? []) {
      if (worker.exit !== null) return;
      if (tensor.freed || tensor.holder !== worker) continue;
      try {
        const deadline = Deadline.never();
        const to = await this.#successorOf(worker).ensureAsync(deadline);
        await this.#movers?.move(tensor, to, deadline);
      } catch {
        // Values that cannot be computed stay where they are, until their owner finds that out or frees them.
      }
    }
  }

  #reason(worker: PythonWorker): string | null {
    const { workerMaxRequests, workerMaxAgeMs, workerMaxResidentBytes } = this.#settings.limits;
    if (workerMaxRequests > 0 && worker.requests >= workerMaxRequests) return `${worker.requests} requests`;
    const age = performance.now() - worker.since;
    if (workerMaxAgeMs > 0 && age >= workerMaxAgeMs) return `${Math.round(age)} ms of age`;
    if (workerMaxResidentBytes > 0 && worker.residentBytes >= workerMaxResidentBytes) {
      return `${worker.residentBytes} bytes of memory`;
    }
    return null;
  }
}
