import { type MlxRouterError, WorkerDiedError, WorkerTimeoutError } from '../registry/errors.ts';
import { MOST_PROCESSES } from '../registry/limits.ts';
import { Call, type Incarnation, newIncarnation, type Reply } from './call.ts';
import { Deadline } from './deadline.ts';
import { DirectCalls } from './direct-calls.ts';
import { deathError, describeDeath } from './failures.ts';
import type { Command, Death, Report } from './io-thread/messages.ts';
import { Link, type Waited } from './link.ts';
import type { Settings } from './options.ts';
import { encodeHead, type Frame, FrameType } from './wire/frames.ts';
import { type Header, pack, unpack } from './wire/msgpack.ts';

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
  /** Absent: the budget of every call. */
  readonly deadline?: Deadline;
  /** Milliseconds, whatever deadline the running code has. */
  readonly budget?: number | undefined;
  /** Bytes that the answer will bring, where that is known. */
  readonly answerBytes?: number;
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
  /** A request was answered. */
  answered(worker: Incarnation): void;
  /** Something was sent or answered, so there may be room for more. */
  moved(worker: Incarnation, sent: boolean): void;
  died(worker: Incarnation, death: Death): void;
}

/** Requests to workers and their answers, whoever the workers are; opens and closes the I/O thread. */
export class Conversation {
  readonly #settings: Settings;
  readonly #witness: Witness;
  readonly #calls = new Map<number, Call>();
  readonly #workers = new Map<number, Incarnation>();
  readonly #direct = new DirectCalls((command) => this.#link?.post(command), {
    frame: (worker, frame) => this.#serveDirect(worker, frame),
    broken: (worker, broken) => this.#link?.post({ kind: 'kill', worker: worker.id, broken }),
  });
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
  open(
    place: number,
    command: Pick<Extract<Command, { kind: 'start' }>, 'file' | 'args' | 'env' | 'note'>,
  ): Incarnation {
    this.#link ??= this.#openLink();
    this.#lastWorker += 1;
    const id = this.#lastWorker;
    const folder = `${this.#link.folder}/${id}`;
    const env = { ...command.env, TMPDIR: folder, MLX_ROUTER_WORKER_FOLDER: folder };
    const taken = new Set(this.workers.map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot += 1;
    this.#link.post({
      kind: 'start',
      worker: id,
      slot,
      folder,
      maxFrameBytes: this.#settings.limits.maxFrameBytes,
      ...command,
      env,
    });
    const worker = newIncarnation(id, slot, place);
    this.#workers.set(id, worker);
    return worker;
  }

  /** Uses the short way to a worker that has made one. */
  connect(worker: Incarnation): void {
    if (this.#link !== null) {
      this.#direct.connect(worker, `${this.#link.folder}/${worker.id}`, this.#settings.limits.maxFrameBytes);
    }
  }

  send(worker: Incarnation, request: Request): Call {
    worker.batch?.send();
    const { background = false, answerBytes = 0, budget } = request;
    // What nobody waits for is not bound to the deadline of who happens to cause it.
    const unbound = background || budget !== undefined;
    const deadline =
      request.deadline ??
      (unbound ? new Deadline(budget ?? this.#settings.limits.callTimeoutMs) : this.#settings.deadline());
    const call = new Call(this.#newCallId(), worker, request.label, deadline, background);
    if (worker.death !== null) {
      call.settle(deathError(worker.death, call, false));
      return call;
    }
    if (deadline.left <= 0) {
      const details = { operation: call.label, implementation: 'python' as const };
      call.settle(new WorkerTimeoutError(`its time was over before it was sent, after ${call.budget} ms`, details));
      return call;
    }
    const { payload = NOTHING } = request;
    const head = this.#head(request.type, call.id, request.header, payload.length);
    const chunks = this.#unfreedChunks(worker);
    const own = chunks.length;
    chunks.push(head);
    if (payload.length > 0) chunks.push(payload);
    this.#calls.set(call.id, call);
    const bytes = head.length + payload.length + answerBytes;
    if (!this.#direct.send(worker, call, request.type, chunks, answerBytes)) {
      this.#post(worker, call.id, deadline.left, chunks, { own });
      call.serial = worker.posted;
    }
    if (!background) worker.pending += 1;
    worker.requests += 1;
    worker.bytesInFlight += bytes;
    call.onSettled(() => {
      worker.bytesInFlight -= bytes;
    });
    this.totals.calls += 1;
    this.#witness.moved(worker, true);
    return call;
  }

  /** Sends the frees that no request has taken along. */
  flushFrees(): void {
    for (const worker of this.#workers.values()) {
      const chunks = this.#unfreedChunks(worker);
      if (chunks.length > 0) this.#tell(worker, FrameType.FREE, chunks);
    }
  }

  /** Sends what has no answer. */
  tell(worker: Incarnation, type: number, header: Header): void {
    worker.batch?.send();
    this.#tell(worker, type, [...this.#unfreedChunks(worker), this.#head(type, 0, header, 0)]);
  }

  /** Answers a callback. */
  resume(worker: Incarnation, callback: number, type: number, header: Header): void {
    worker.batch?.send();
    const chunks = this.#unfreedChunks(worker);
    chunks.push(this.#head(type, callback, header, 0));
    if (!this.#direct.resume(worker, callback, type, chunks)) this.#post(worker, 0, 0, chunks, { resumes: callback });
  }

  /** Sleeps until the call is done, and gives its answer or throws its error. Not beyond `limit` milliseconds. */
  wait(call: Call, limit = Number.POSITIVE_INFINITY): Reply {
    const link = this.#link;
    if (!call.done && link !== null) {
      const end = performance.now() + limit;
      let waited: Waited = 'done';
      this.#waits += 1;
      try {
        if (!link.listening) waited = link.wait(() => link.listening || call.done, Math.min(THREAD_START_MS, limit));
        if (waited === 'done') {
          const most = call.deadline.left + THREAD_GRACE_MS;
          waited = this.#direct.wait(call, link, Math.min(most, end - performance.now()));
        }
      } finally {
        this.#waits -= 1;
      }
      if (waited === 'late' && performance.now() >= end)
        throw new WorkerTimeoutError('no answer within the time that was left');
      if (waited !== 'done') this.#abandon(waited, call);
    }
    return call.outcome;
  }

  /** The same without sleeping. Keeps the process alive until then. */
  promise(call: Call): Promise<Reply> {
    const link = this.#link;
    call.awaited = true;
    return new Promise((resolve, reject) => {
      link?.hold();
      let timer: NodeJS.Timeout;
      const after = (milliseconds: number, then: () => void): void => {
        timer = setTimeout(then, Math.min(Math.max(milliseconds, 0), 2 ** 31 - 1));
      };
      const late = (): void => {
        // This thread may have been busy for longer than that, with the answer unread.
        if (link?.wait(() => call.done, 0) !== 'done') this.#abandon('late', call);
      };
      const attend = (overdue: number | null): void => {
        if (overdue !== null) after(overdue, () => attend(this.#direct.overdue(call)));
        else after(call.deadline.left + THREAD_GRACE_MS + (link?.listening ? 0 : THREAD_START_MS), late);
      };
      attend(this.#direct.attend(call));
      call.onDone(() => {
        clearTimeout(timer);
        link?.release();
        try {
          resolve(call.outcome);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** Ends the wait for the call with that reason. `kill`: if it is all that its worker does, the worker may go. */
  cancel(call: Call, reason: unknown, kill: boolean): void {
    if (call.done) return;
    call.giveUp(reason);
    this.#direct.watch(call);
    this.#link?.post({ kind: 'cancel', worker: call.worker.id, call: call.id, kill });
  }

  /** Lets one worker leave, once it has answered what it was asked. */
  retire(worker: Incarnation): void {
    this.#link?.post({ kind: 'retire', worker: worker.id, grace: STOP_GRACE_MS });
  }

  /** Resolves when nothing is in flight any more, or after the grace, in milliseconds. */
  async drained(grace: number): Promise<void> {
    const deadline = new Deadline(grace);
    for (let calls = this.#foreground(); calls.length > 0 && deadline.left > 0; calls = this.#foreground()) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, deadline.left);
      });
      await Promise.race([Promise.allSettled(calls.map((call) => this.promise(call))), late]);
      clearTimeout(timer);
    }
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
      MOST_PROCESSES,
      (report) => this.#serve(report),
      (reason) => {
        if (this.#link === link) this.#abandonAll(reason);
      },
    );
    return link;
  }

  #serve(report: Report): void {
    if (report.kind === 'frame' || report.kind === 'callback' || report.kind === 'release')
      this.#catchUp(report.worker);
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
      case 'bell':
        this.#rung(report.worker);
        break;
      case 'log':
        this.#log(report.worker, report.text);
        break;
      case 'late':
        this.#late(report.call);
        break;
      case 'withdrawn':
        this.#withdrawn(report.call);
        break;
      case 'memory':
        this.#measured(report.worker, report.bytes);
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
    worker.confirmed = Math.max(worker.confirmed, call.serial);
    this.#direct.settled(call);
    if (!call.background) worker.pending -= 1;
    // The greeting proves nothing yet.
    const ready = worker.facts !== null;
    this.totals.received += report.header.length + report.payload.length;
    if (report.type === FrameType.ERROR) this.#callee?.failed(report);
    call.settle(report);
    if (ready) this.#witness.answered(worker);
    this.#witness.moved(worker, false);
    this.#settings.report({
      type: 'call',
      worker: worker.place,
      operation: call.label,
      queueWait: report.queueWait,
      duration: report.duration,
    });
  }

  #serveDirect(worker: Incarnation, { type, call: id, header, payload }: Frame): void {
    if (type === FrameType.CALLBACK) {
      const call = this.#calls.get(Number(unpack(header)['during']));
      this.#direct.suspended(worker, id, call);
      this.#callee?.called(worker, id, header, call);
      return;
    }
    const call = this.#calls.get(id);
    const duration = call === undefined ? 0 : performance.now() - call.sent;
    this.#settle({ kind: 'frame', worker: worker.id, type, call: id, header, payload, queueWait: 0, duration });
  }

  /** What the worker wrote along the line before something else is there, and comes first. */
  #catchUp(id: number): void {
    const line = this.#workers.get(id)?.line;
    if (line !== null && line !== undefined && line.calls.size > 0) line.look();
  }

  #rung(id: number): void {
    const line = this.#workers.get(id)?.line;
    if (line === null || line === undefined) return;
    line.rung = true;
    line.look();
  }

  #log(id: number, text: string): void {
    const worker = this.#workers.get(id);
    if (worker !== undefined) this.#settings.report({ type: 'log', worker: worker.place, pid: worker.pid, text });
  }

  #foreground(): Call[] {
    return [...this.#calls.values()].filter(({ background, done }) => !background && !done);
  }

  #measured(id: number, bytes: number): void {
    const worker = this.#workers.get(id);
    if (worker !== undefined) worker.residentBytes = bytes;
  }

  #late(id: number): void {
    const call = this.#calls.get(id);
    const details = { operation: call?.label, implementation: 'python' as const };
    const text = `no answer within ${call?.budget} ms; its worker was busy with older calls all the time`;
    call?.giveUp(new WorkerTimeoutError(text, details));
  }

  #withdrawn(id: number): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    if (!call.background) call.worker.pending -= 1;
    call.settle(new WorkerTimeoutError('the call was withdrawn before it was sent', { operation: call.label }));
    this.#witness.moved(call.worker, false);
  }

  #bury(id: number, death: Death): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    this.#workers.delete(id);
    worker.death = death;
    worker.line?.close();
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
    for (const waiter of [...worker.waiters]) waiter();
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

  #tell(worker: Incarnation, type: number, chunks: Uint8Array<ArrayBuffer>[]): void {
    if (!this.#direct.send(worker, null, type, chunks)) this.#post(worker, 0, 0, chunks);
  }

  /** `own`: the first chunk that is the call's; `resumes`: the callback that it answers. */
  #post(
    worker: Incarnation,
    call: number,
    budget: number,
    chunks: Uint8Array<ArrayBuffer>[],
    { own = 0, resumes }: { readonly own?: number; readonly resumes?: number } = {},
  ): void {
    worker.posted += 1;
    const last = chunks.at(-1);
    const transfer = last !== undefined && last.length > 4096 ? [last.buffer] : [];
    const command = { kind: 'send', worker: worker.id, call, budget, chunks, own } as const;
    this.#link?.post(resumes === undefined ? command : { ...command, resumes }, transfer);
  }

  #unfreedChunks(worker: Incarnation): Uint8Array<ArrayBuffer>[] {
    if (worker.unfreed.length === 0) return [];
    const tensors = worker.unfreed;
    worker.unfreed = [];
    return [this.#head(FrameType.FREE, 0, { tensors }, 0)];
  }

  #head(type: number, call: number, header: Header, payloadBytes: number): Uint8Array<ArrayBuffer> {
    const head = encodeHead(type, call, pack(header), payloadBytes, this.#settings.limits.maxFrameBytes);
    this.totals.sent += head.length + payloadBytes;
    return head;
  }

  #newCallId(): number {
    do this.#lastCall = this.#lastCall >= MAX_CALL ? 1 : this.#lastCall + 1;
    while (this.#calls.has(this.#lastCall));
    return this.#lastCall;
  }
}
