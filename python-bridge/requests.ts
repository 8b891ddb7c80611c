import type { Operation } from '../registry/operation.ts';
import { publicName } from '../registry/registry.ts';
import type { Call, Incarnation, Reply } from './call.ts';
import type { Conversation, Request } from './conversation.ts';
import { workerError } from './failures.ts';
import type { OperationTable } from './operation-table.ts';
import type { TensorTable } from './tensor-table.ts';
import type { Thrown } from './thrown.ts';
import { FrameType } from './wire/frames.ts';
import { type Header, unpack } from './wire/msgpack.ts';

/** One request and its answer, with typed errors: what everything that asks something of a worker goes through. */
export class Requests {
  readonly #conversation: Conversation;
  readonly #operations: OperationTable;
  readonly #tensors: TensorTable;
  readonly #thrown: Thrown;

  constructor(conversation: Conversation, operations: OperationTable, tensors: TensorTable, thrown: Thrown) {
    this.#conversation = conversation;
    this.#operations = operations;
    this.#tensors = tensors;
    this.#thrown = thrown;
  }

  send(worker: Incarnation, request: Request): Call {
    this.#tensors.sweep();
    return this.#conversation.send(worker, request);
  }

  /** Sends what has no answer. */
  tell(worker: Incarnation, type: number, header: Header): void {
    this.#conversation.tell(worker, type, header);
  }

  /** Sleeps until the answer is there. */
  wait(call: Call): Reply {
    return this.#conversation.wait(call);
  }

  promise(call: Call): Promise<Reply> {
    return this.#conversation.promise(call);
  }

  /** The header of a result; throws the typed error of an error frame. */
  answer(reply: Reply, operation?: Operation): Header {
    const header = unpack(reply.header);
    if (reply.type === FrameType.RESULT) return header;
    if (operation !== undefined && header['kind'] === 'unresolved') {
      this.#operations.markUnresolved([this.#operations.codeOf(operation)]);
    }
    const thrown = this.#thrown.behind(reply);
    if (header['kind'] === 'javascript' && thrown !== undefined) throw thrown.error;
    throw workerError(header, operation === undefined ? undefined : publicName(operation), thrown?.error);
  }
}
