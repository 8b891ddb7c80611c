import { ArgumentError, ProtocolError } from '../../foundation/errors/errors.ts';
import { type Argument, Callback, type CallbackFunction, type Result } from '../../foundation/values/values.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import type { Call, PythonWorker } from '../requests/call.ts';
import type { Callee } from '../requests/reports.ts';
import type { TensorTable } from '../tensors/tensor-table.ts';
import type { Transfer } from '../tensors/transfer.ts';
import { FrameType } from '../wire/frames.ts';
import { type Header, unpack } from '../wire/msgpack.ts';
import { decodeResult, encodeTree, handlesIn, type IdOf } from '../wire/values.ts';
import type { Pool } from '../workers/pool.ts';
import type { Thrown } from './thrown.ts';

const LABEL = 'a JavaScript function that Python called';

type Outcome = { readonly value: Argument } | { readonly error: unknown };

interface CallbacksParts {
  readonly pool: Pool;
  readonly tensors: TensorTable;
  readonly transfer: Transfer;
  readonly thrown: Thrown;
}

/**
 * JavaScript functions that Python may call. They are kept by number for as long as a worker holds them: `withCallbacks`
 * counts how often a number was sent to a worker, and the worker says how many of those it has released.
 *
 * What is part of a call that the main thread blocks for runs inside that wait; what is part of an awaited call runs in a
 * turn of the event loop, never in the middle of other code, and may be asynchronous.
 */
export class Callbacks implements Callee {
  readonly #pool: Pool;
  readonly #tensors: TensorTable;
  readonly #transfer: Transfer;
  readonly #thrown: Thrown;
  readonly #functions = new Map<number, Callback>();
  readonly #numbers = new WeakMap<Callback, number>();
  /** How often each worker was sent a number. */
  readonly #registered = new Map<PythonWorker, Map<number, number>>();
  #last = 0;

  constructor({ pool, tensors, transfer, thrown }: CallbacksParts) {
    this.#pool = pool;
    this.#tensors = tensors;
    this.#transfer = transfer;
    this.#thrown = thrown;
    pool.conversation.serveCallbacks(this);
  }

  /** How many functions and errors are kept. */
  get size(): number {
    return this.#functions.size + this.#thrown.size;
  }

  /**
   * Runs `send` with the numbers of tensors and functions in that worker. Functions are the worker's from then on; if
   * `send` throws, nothing was registered. `takeBack`: the request does without a function after all.
   */
  withCallbacks<T>(
    worker: PythonWorker,
    label: string,
    send: (idOf: IdOf, takeBack: (number: number) => void) => T,
  ): T {
    const registered: number[] = [];
    const takeBack = (number: number): void => {
      registered.splice(registered.lastIndexOf(number), 1);
      this.#takeBack(worker, number, 1);
    };
    try {
      return send((item) => {
        if (!(item instanceof Callback)) return this.#tensors.idOf(this.#tensors.usable(item, label), worker, label);
        const number = this.#register(worker, item);
        registered.push(number);
        return number;
      }, takeBack);
    } catch (error) {
      for (const number of registered) this.#takeBack(worker, number, 1);
      throw error;
    }
  }

  called(worker: PythonWorker, callback: number, header: Uint8Array, call: Call | undefined): void {
    const inTurns = call !== undefined && (call.awaited || call.background);
    if (inTurns && this.#pool.conversation.waits.blocked)
      setImmediate(() => this.#run(worker, callback, header, inTurns));
    else this.#run(worker, callback, header, inTurns);
  }

  released(worker: PythonWorker, header: Uint8Array): void {
    const released = releasedIn(header);
    if (released === null) {
      this.#pool.conversation.kill(worker);
      return;
    }
    for (const [number, times] of released.functions) this.#takeBack(worker, number, times);
    this.#thrown.drop(worker, released.errors);
    for (const text of released.refused) {
      process.emitWarning(
        `${text} (worker ${worker.place}, pid ${worker.pid}); the call was refused`,
        'MlxRouterWarning',
      );
    }
  }

  failed(reply: Parameters<Thrown['claim']>[0]): void {
    this.#thrown.claim(reply);
  }

  exited(worker: PythonWorker): void {
    for (const [number, times] of [...(this.#registered.get(worker) ?? [])]) this.#takeBack(worker, number, times);
    this.#thrown.dropAll(worker);
  }

  #register(worker: PythonWorker, callback: Callback): number {
    let number = this.#numbers.get(callback);
    if (number === undefined) {
      this.#last += 1;
      number = this.#last;
      this.#numbers.set(callback, number);
    }
    // A worker that has exited releases nothing; the request fails anyway.
    if (worker.exit !== null) return number;
    let registered = this.#registered.get(worker);
    if (registered === undefined) {
      registered = new Map();
      this.#registered.set(worker, registered);
    }
    registered.set(number, (registered.get(number) ?? 0) + 1);
    this.#functions.set(number, callback);
    return number;
  }

  #takeBack(worker: PythonWorker, number: number, times: number): void {
    const registered = this.#registered.get(worker);
    const left = (registered?.get(number) ?? 0) - times;
    if (left > 0) {
      registered?.set(number, left);
      return;
    }
    registered?.delete(number);
    if (registered?.size === 0) this.#registered.delete(worker);
    for (const others of this.#registered.values()) if (others.has(number)) return;
    this.#functions.delete(number);
  }

  #run(worker: PythonWorker, callback: number, packed: Uint8Array, inTurns: boolean): void {
    if (worker.exit !== null) return;
    worker.suspend();
    let result: Argument | Promise<Argument>;
    try {
      const { run, args, keywords } = this.#decode(worker, unpack(packed));
      result = this.#pool.calledBy(worker, () => run(args, keywords));
      if (result instanceof Promise && !inTurns) {
        disregard(result);
        throw new ArgumentError(
          'expected a synchronous function, received one that returns a promise, for a call that is not awaited',
        );
      }
    } catch (error) {
      this.#answer(worker, callback, { error });
      return;
    }
    if (!(result instanceof Promise)) {
      this.#answer(worker, callback, { value: result });
      return;
    }
    result
      .then(async (value) => {
        await this.#bring(worker, value);
        this.#answer(worker, callback, { value });
      })
      .catch((error: unknown) => this.#answer(worker, callback, { error }));
  }

  #bringNow(worker: PythonWorker, value: Argument): void {
    for (const handle of handlesIn(value)) {
      const tensor = this.#tensors.usable(handle, LABEL);
      if (this.#tensors.idAt(tensor, worker) === undefined) this.#transfer.carry(tensor, worker, true);
    }
  }

  #decode(worker: PythonWorker, header: Header): { run: CallbackFunction; args: Result[]; keywords: Keywords } {
    const decode = (value: unknown): Result =>
      decodeResult(value, (id, dtype, shape) =>
        this.#tensors.adopt(this.#tensors.reserve(), id, worker, { dtype, shape }),
      );
    const args = decode(header['args']);
    const keywords = header['keywords'] === undefined ? {} : decode(header['keywords']);
    if (!Array.isArray(args) || typeof keywords !== 'object' || keywords === null) {
      throw new ProtocolError('Python called a function with arguments that are no list');
    }
    const callback = this.#functions.get(Number(header['fn']));
    if (callback === undefined)
      throw new ProtocolError(`Python called function ${String(header['fn'])}, which is gone`);
    return { run: callback.run, args, keywords: keywords as Keywords };
  }

  /** Tensors of other workers come over. */
  async #bring(worker: PythonWorker, value: Argument): Promise<void> {
    for (const handle of handlesIn(value)) {
      const tensor = this.#tensors.usable(handle, LABEL);
      if (this.#tensors.idAt(tensor, worker) === undefined) await this.#transfer.carryAsync(tensor, worker, true);
    }
  }

  #answer(worker: PythonWorker, callback: number, outcome: Outcome): void {
    worker.resume();
    let { error } = outcome as { error?: unknown };
    if (worker.exit === null && 'value' in outcome) {
      const { value } = outcome;
      try {
        this.#bringNow(worker, value);
        this.withCallbacks(worker, LABEL, (idOf) => {
          this.#pool.conversation.resume(worker, callback, FrameType.CALLED, { v: encodeTree(value, idOf) });
        });
        return;
      } catch (failure) {
        error = failure;
      }
    }
    if (worker.exit !== null) return;
    const header = { error: this.#thrown.keep(worker, error), message: messageOf(error) };
    this.#pool.conversation.resume(worker, callback, FrameType.THREW, header);
  }
}

type Keywords = { readonly [name: string]: Result };

interface Released {
  readonly functions: readonly (readonly [number, number])[];
  readonly errors: readonly number[];
  /** Why functions were not called that Python code wanted to call. */
  readonly refused: readonly string[];
}

/** null: the worker has lost its senses. */
function releasedIn(packed: Uint8Array): Released | null {
  try {
    const { functions, errors, refused = [] } = unpack(packed) as Partial<Record<string, unknown>>;
    const isCount = (value: unknown) => Number.isInteger(value) && Number(value) > 0;
    const isPair = (value: unknown) => Array.isArray(value) && value.length === 2 && value.every(isCount);
    if (!Array.isArray(functions) || !functions.every(isPair)) return null;
    if (!Array.isArray(errors) || !errors.every(isCount)) return null;
    if (!Array.isArray(refused) || !refused.every((text) => typeof text === 'string')) return null;
    return { functions, errors, refused };
  } catch {
    return null;
  }
}

const MOST_MESSAGE = 4096;

function messageOf(error: unknown): string {
  try {
    return String(error).slice(0, MOST_MESSAGE);
  } catch {
    return 'what it threw has no text';
  }
}
