import type { RequestObserver } from '../../backend/observer.ts';
import type { Operation } from '../../registry/operation.ts';
import { publicName } from '../../registry/registry.ts';
import type { Thrown } from '../callbacks/thrown.ts';
import type { Settings } from '../options.ts';
import type { Failures } from '../pipelines/failures.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import { FrameType } from '../wire/frames.ts';
import { type Header, unpack } from '../wire/msgpack.ts';
import type { NumberedOperation, OperationTable } from '../wire/operation-table.ts';
import type { Call, Deadline, PythonWorker, Reply } from './call.ts';
import type { Conversation, Request } from './conversation.ts';
import type { Waits } from './direct-calls.ts';
import { workerError } from './failures.ts';
import { type Steps, waitFor } from './steps.ts';

interface RequestsParts {
  readonly conversation: Conversation;
  readonly operations: OperationTable;
  readonly tensors: TensorTable;
  readonly settings: Settings;
  readonly thrown: Thrown;
  readonly failures: Failures;
}

/** One request and its answer, with typed errors: what everything that asks something of a worker goes through. */
export class Requests {
  readonly waits: Waits;
  readonly #conversation: Conversation;
  readonly #operations: OperationTable;
  readonly #tensors: TensorTable;
  readonly #settings: Settings;
  readonly #thrown: Thrown;
  readonly #failures: Failures;

  constructor({ conversation, operations, tensors, settings, thrown, failures }: RequestsParts) {
    this.#conversation = conversation;
    this.waits = conversation.waits;
    this.#operations = operations;
    this.#tensors = tensors;
    this.#settings = settings;
    this.#thrown = thrown;
    this.#failures = failures;
  }

  /** `isSwept`: the tensors that were collected are known already. */
  send(worker: PythonWorker, request: Request, isSwept = false): Call {
    if (!isSwept) this.#tensors.sweep();
    const observer = request.header['trace'] === undefined ? this.#settings.observe?.(request.label) : undefined;
    if (observer === undefined) return this.#conversation.send(worker, request);
    const header = { ...request.header, trace: observer.traceparent };
    let call: Call;
    try {
      call = this.#conversation.send(worker, { ...request, header });
    } catch (error) {
      observer.ended({ worker: worker.place, pid: worker.pid, error });
      throw error;
    }
    call.onSettled(() => observer.ended({ worker: worker.place, pid: worker.pid, ...outcomeOf(call) }));
    return call;
  }

  /** The operation as the worker knows it from now on. */
  knownTo(worker: PythonWorker, operation: Operation): NumberedOperation {
    const numbered = this.#operations.numbered(operation);
    if (numbered.code >= worker.defined) this.define(worker);
    return numbered;
  }

  /** Sends what has no answer. */
  notify(worker: PythonWorker, type: number, header: Header): void {
    this.#conversation.notify(worker, type, header);
  }

  /** Sends the worker the operations that it does not know yet. */
  define(worker: PythonWorker): void {
    const operations = this.#operations.rowsFrom(worker.defined);
    worker.learn(this.#operations.size);
    this.notify(worker, FrameType.DEFINE, { operations });
  }

  /** The answer, without blocking. When the signal aborts it rejects with the reason, and the answer is no longer needed. */
  promise(call: Call, signal?: AbortSignal): Promise<Reply> {
    if (signal !== undefined) {
      const abort = (): void => {
        // A worker that holds tensors is left to compute: they would go with it.
        this.#conversation.cancel(call, signal.reason, call.worker.tensors === 0 && call.worker.objects === 0);
      };
      signal.addEventListener('abort', abort, { once: true });
      call.onDone(() => signal.removeEventListener('abort', abort));
      if (signal.aborted) abort();
    }
    return this.waits.promise(call);
  }

  /** Waits until the call is done, however it ends. */
  settled(call: Call): Steps<void> {
    return waitFor(
      () => {
        try {
          this.waits.wait(call);
        } catch {
          // The waiter reads the call.
        }
      },
      () =>
        this.waits.promise(call).then(
          () => undefined,
          () => undefined,
        ),
    );
  }

  get callTimeoutMs(): number {
    return this.#settings.limits.callTimeoutMs;
  }

  /** Until when a call that begins now may take; `budget`: milliseconds, in place of those of every call. */
  deadline(budget?: number): Deadline {
    return this.#settings.deadline(budget);
  }

  /** When that of the running code is over, as `performance.now()` counts; undefined: it has none. */
  get scopedDeadline(): number | undefined {
    return this.#settings.scopedDeadline?.();
  }

  observe(operation: string): RequestObserver | undefined {
    return this.#settings.observe?.(operation);
  }

  /** The header of a result; throws the typed error of an error frame, with the name of what was asked for. */
  answer(reply: Reply, operation?: Operation | string): Header {
    const header = unpack(reply.header);
    if (reply.type === FrameType.RESULT) return header;
    if (header['origin'] !== undefined) throw this.#failures.errorOf(reply.worker, header);
    if (typeof operation === 'object' && header['kind'] === 'unresolved') {
      this.#operations.markUnresolved([this.#operations.numbered(operation).code]);
    }
    const thrown = this.#thrown.behind(reply);
    if (header['kind'] === 'javascript' && thrown !== undefined) throw thrown.error;
    throw workerError(header, typeof operation === 'object' ? publicName(operation) : operation, thrown?.error);
  }
}

/** What an observer gets of a call that has settled. */
function outcomeOf(call: Call): { queueWait?: number; work?: number; error?: unknown } {
  try {
    const { type, header, queueWait } = call.reply;
    const { us, class: name, message } = unpack(header);
    const work = typeof us === 'number' ? { work: us / 1000 } : {};
    const error = type === FrameType.ERROR ? { error: `${String(name)}: ${String(message)}` } : {};
    return { queueWait, ...work, ...error };
  } catch (error) {
    return { error };
  }
}
