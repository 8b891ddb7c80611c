import { type MlxRouterError, WorkerDiedError, WorkerTimeoutError } from '../registry/errors.ts';
import { MOST_WORKERS } from '../registry/limits.ts';
import { Call, type Incarnation, type Reply } from './call.ts';
import { deathError, describeDeath } from './failures.ts';
import type { Command, Death, Report } from './io-thread/messages.ts';
import { Link, type Waited } from './link.ts';
import type { Settings } from './options.ts';
import { encodeHead, FrameType } from './wire/frames.ts';
import { type Header, pack } from './wire/msgpack.ts';

/** What the I/O thread itself may take to come up. */
const THREAD_START_MS = 20_000;
/** What the main thread waits beyond a budget, which the I/O thread enforces, before it takes that for dead. */
const THREAD_GRACE_MS = 2_000;
const STOP_GRACE_MS = 500;
const NOTHING = new Uint8Array(0);
const MAX_CALL = 2 ** 32 - 1;

export interface Request {
  readonly type: number;
  readonly header: Header;
  /** Tensor bytes, given away. */
  readonly payload?: Uint8Array<ArrayBuffer>;
  readonly label: string;
  /** Milliseconds; absent: the budget of every call. */
  readonly budget?: number;
  /** Nobody will wait for the answer. */
  readonly background?: boolean;
}

/** Who runs the functions that workers call. */
export interface Callee {
  /** `call`: the request in which it happens, unless that was given up. */
  called(worker: Incarnation, callback: number, header: Uint8Array, call: Call | undefined): void;
  released(worker: Incarnation, header: Uint8Array): void;
  /** An error frame that a call is about to settle with. */
  failed(reply: Reply): void;
  died(worker: Incarnation): void;
}

export interface Witness {
  answered(worker: Incarnation): void;
  died(worker: Incarnation, death: Death): void;
}

/** Requests to workers and their answers, whoever the workers are; opens and closes the I/O thread. */
export class Conversation {
  readonly #settings: Settings;
  readonly #witness: Witness;
  readonly #calls = new Map<number, Call>();
  readonly #workers = new Map<number, Incarnation>();
  #link: Link | null = null;
  #lastCall = 0;
  #lastWorker = 0;
  #stopping: Promise<void> | null = null;
  #callee: Callee | null = null;
  /** How many waits are asleep, one inside the other. */
  #waits = 0;
  readonly totals = { sent: 0, received: 0, calls: 0 };

  constructor(settings: Settings, witness: Witness) {
    this.#settings = settings;
    this.#witness = witness;
  }

  get workers(): readonly Incarnation[] {
    return [...this.#workers.values()];
  }

  /** Whether the main thread sleeps for an answer, and code runs inside that sleep. */
  get waiting(): boolean {
    return this.#waits > 0;
  }

  serveCallbacks(callee: Callee): void {
    this.#callee = callee;
  }

  /** Starts a process. It is to be greeted before anything else. */
  open(command: Pick<Extract<Command, { kind: 'start' }>, 'place' | 'file' | 'args' | 'env' | 'note'>): Incarnation {
    this.#link ??= this.#openLink();
    this.#lastWorker += 1;
    const id = this.#lastWorker;
    const folder = `${this.#link.folder}/${id}`;
    const env = { ...command.env, TMPDIR: folder, MLX_ROUTER_WORKER_FOLDER: folder };
    this.#link.post({
      kind: 'start',
      worker: id,
      folder,
      maxFrameBytes: this.#settings.maxFrameBytes,
      ...command,
      env,
    });
    const worker: Incarnation = {
      id,
      place: command.place,
      pid: 0,
      tensors: 0,
      objects: 0,
      pending: 0,
      defined: 0,
      unfreed: [],
      unconfirmedBytes: 0,
      facts: null,
      death: null,
      batch: null,
      farewells: [],
    };
    this.#workers.set(id, worker);
    return worker;
  }

  send(worker: Incarnation, request: Request): Call {
    worker.batch?.send();
    const { background = false, budget = this.#settings.callTimeoutMs } = request;
    const call = new Call(this.#newCallId(), worker, request.label, budget, background);
    if (worker.death !== null) {
      call.settle(deathError(worker.death, call, false));
      return call;
    }
    const { payload = NOTHING } = request;
    const head = this.#head(request.type, call.id, request.header, payload.length);
    const chunks = this.#unfreedChunks(worker);
    chunks.push(head);
    if (payload.length > 0) chunks.push(payload);
    this.#calls.set(call.id, call);
    this.#post(worker, call.id, call.budget, chunks);
    if (!background) worker.pending += 1;
    this.totals.calls += 1;
    return call;
  }

  /** Sends the frees that no request has taken along. */
  flushFrees(): void {
    for (const worker of this.#workers.values()) {
      const chunks = this.#unfreedChunks(worker);
      if (chunks.length > 0) this.#post(worker, 0, 0, chunks);
    }
  }

  /** Sends what has no answer. */
  tell(worker: Incarnation, type: number, header: Header): void {
    worker.batch?.send();
    this.#post(worker, 0, 0, [...this.#unfreedChunks(worker), this.#head(type, 0, header, 0)]);
  }

  /** Answers a callback. */
  resume(worker: Incarnation, callback: number, type: number, header: Header): void {
    worker.batch?.send();
    const chunks = this.#unfreedChunks(worker);
    chunks.push(this.#head(type, callback, header, 0));
    this.#post(worker, 0, 0, chunks, callback);
  }

  /** Sleeps until the call has settled, and gives its answer or throws its error. */
  wait(call: Call): Reply {
    if (!call.settled && this.#link !== null) {
      const link = this.#link;
      const settled = (): boolean => call.settled;
      let waited: Waited = 'done';
      this.#waits += 1;
      try {
        if (!link.listening) waited = link.wait(() => link.listening || call.settled, THREAD_START_MS);
        if (waited === 'done') waited = link.wait(settled, call.budget + THREAD_GRACE_MS);
      } finally {
        this.#waits -= 1;
      }
      if (waited !== 'done') this.#abandon(waited, call);
    }
    return call.reply;
  }

  /** The same without sleeping. Keeps the process alive until then. */
  promise(call: Call): Promise<Reply> {
    const link = this.#link;
    call.awaited = true;
    return new Promise((resolve, reject) => {
      link?.hold();
      const budget = call.budget + THREAD_GRACE_MS + (link?.listening ? 0 : THREAD_START_MS);
      const timer = setTimeout(() => this.#abandon('late', call), Math.min(budget, 2 ** 31 - 1));
      call.onSettled(() => {
        clearTimeout(timer);
        link?.release();
        try {
          resolve(call.reply);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  kill(worker: Incarnation): void {
    this.#link?.post({ kind: 'kill', worker: worker.id });
  }

  /** Lets the workers leave and ends the thread; what is still in flight fails. */
  async stop(): Promise<void> {
    const link = this.#link;
    if (link === null) return this.#stopping ?? undefined;
    this.#link = null;
    this.#stopping = link.stop(STOP_GRACE_MS).finally(() => {
      this.#stopping = null;
    });
    this.#buryAll('the Python backend was shut down');
    await this.#stopping;
  }

  #openLink(): Link {
    const link: Link = new Link(
      MOST_WORKERS,
      (report) => this.#serve(report),
      (reason) => {
        if (this.#link === link) this.#abandonAll(reason);
      },
    );
    return link;
  }

  #serve(report: Report): void {
    switch (report.kind) {
      case 'frame':
        this.#settle(report);
        break;
      case 'callback':
        this.#ofWorker(report, (worker, callee) =>
          callee.called(worker, report.callback, report.header, this.#calls.get(report.call)),
        );
        break;
      case 'release':
        this.#ofWorker(report, (worker, callee) => callee.released(worker, report.header));
        break;
      case 'log':
        this.#log(report.worker, report.text);
        break;
      case 'died':
        this.#bury(report.worker, report.death);
        break;
      case 'stopped':
    }
  }

  #ofWorker(report: { readonly worker: number }, use: (worker: Incarnation, callee: Callee) => void): void {
    const worker = this.#workers.get(report.worker);
    if (worker !== undefined && this.#callee !== null) use(worker, this.#callee);
  }

  #settle(report: Reply): void {
    const call = this.#calls.get(report.call);
    // An answer to a call that was given up must not reach another one.
    if (call === undefined || call.worker.id !== report.worker) return;
    this.#calls.delete(report.call);
    const { worker } = call;
    if (!call.background) worker.pending -= 1;
    // The greeting proves nothing yet.
    const ready = worker.facts !== null;
    this.totals.received += report.header.length + report.payload.length;
    if (report.type === FrameType.ERROR) this.#callee?.failed(report);
    call.settle(report);
    if (ready) this.#witness.answered(worker);
    this.#settings.report({
      type: 'call',
      worker: worker.place,
      operation: call.label,
      queueWait: report.queueWait,
      duration: report.duration,
    });
  }

  #log(id: number, text: string): void {
    const worker = this.#workers.get(id);
    if (worker !== undefined) this.#settings.report({ type: 'log', worker: worker.place, pid: worker.pid, text });
  }

  #bury(id: number, death: Death): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    this.#workers.delete(id);
    worker.death = death;
    worker.unfreed = [];
    worker.pending = 0;
    const calls = [...this.#calls.values()].filter((call) => call.worker === worker);
    // When the late one is a request that nobody waits for, the next one is who has waited too long.
    const culprit =
      calls.find((call) => call.id === death.call && !call.background) ?? calls.find((c) => !c.background);
    for (const call of calls) {
      this.#calls.delete(call.id);
      call.settle(deathError(death, call, call === culprit, call === calls[0]));
    }
    for (const farewell of worker.farewells.splice(0)) farewell();
    this.#callee?.died(worker);
    this.#witness.died(worker, death);
    const reason = describeDeath(death);
    this.#settings.report({ type: 'died', worker: worker.place, pid: death.pid, reason });
  }

  #buryAll(message: string): void {
    for (const { id, pid } of this.workers) {
      this.#bury(id, { cause: 'stopped', call: 0, pid, code: null, signal: null, message, stderr: '' });
    }
  }

  /** The I/O thread is dead or does not answer: everything goes, and the next use starts afresh. */
  #abandon(how: Waited, call: Call): void {
    const details = { operation: call.label, implementation: 'python' as const };
    const error: MlxRouterError =
      how === 'late'
        ? new WorkerTimeoutError(`no answer within ${call.budget} ms, and the I/O thread does not answer`, details)
        : new WorkerDiedError('the I/O thread of the Python backend ended', details);
    this.#calls.delete(call.id);
    call.settle(error);
    this.#abandonAll(error.message);
  }

  #abandonAll(reason: string): void {
    const link = this.#link;
    this.#link = null;
    link?.destroy();
    this.#buryAll(reason);
  }

  #post(worker: Incarnation, call: number, budget: number, chunks: Uint8Array<ArrayBuffer>[], resumes?: number): void {
    for (const chunk of chunks) this.totals.sent += chunk.length;
    const last = chunks.at(-1);
    const transfer = last !== undefined && last.length > 4096 ? [last.buffer] : [];
    const command = { kind: 'send', worker: worker.id, call, budget, chunks } as const;
    this.#link?.post(resumes === undefined ? command : { ...command, resumes }, transfer);
  }

  #unfreedChunks(worker: Incarnation): Uint8Array<ArrayBuffer>[] {
    if (worker.unfreed.length === 0) return [];
    const tensors = worker.unfreed;
    worker.unfreed = [];
    return [this.#head(FrameType.FREE, 0, { tensors }, 0)];
  }

  #head(type: number, call: number, header: Header, payloadBytes: number): Uint8Array<ArrayBuffer> {
    return encodeHead(type, call, pack(header), payloadBytes, this.#settings.maxFrameBytes);
  }

  #newCallId(): number {
    do this.#lastCall = this.#lastCall >= MAX_CALL ? 1 : this.#lastCall + 1;
    while (this.#calls.has(this.#lastCall));
    return this.#lastCall;
  }
}
