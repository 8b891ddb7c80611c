import { type MlxRouterError, WorkerDiedError, WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import { MOST_PROCESSES } from '../../foundation/system/limits.ts';
import type { Command, WorkerExit } from '../io-thread/messages.ts';
import type { Settings } from '../options.ts';
import { encodeHead, FrameType } from '../wire/frames.ts';
import { type Header, pack } from '../wire/msgpack.ts';
import { type Call, Deadline, newWorker, type PythonWorker } from './call.ts';
import { DirectCalls, Waits } from './direct-calls.ts';
import { describeExit, exitError } from './failures.ts';
import type { Flow } from './flow.ts';
import { Link, type Waited } from './link.ts';
import { type Callee, Reports, type WorkerListener } from './reports.ts';

const STOP_GRACE_MS = 500;
const NOTHING = new Uint8Array(0);

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
  /** The answer will not be awaited. */
  readonly background?: boolean;
}

/** Requests to workers and their answers, whichever the workers are; opens and closes the I/O thread. */
export class Conversation {
  readonly #settings: Settings;
  readonly #listener: WorkerListener;
  readonly #workers = new Map<number, PythonWorker>();
  readonly #flow: Flow;
  readonly #direct: DirectCalls;
  readonly waits: Waits;
  readonly #reports: Reports;
  #lastWorker = 0;
  #stopping: Promise<void> | null = null;
  readonly totals = { sent: 0, received: 0, calls: 0 };

  constructor(settings: Settings, flow: Flow, listener: WorkerListener) {
    this.#settings = settings;
    this.#flow = flow;
    this.#listener = listener;
    this.#direct = new DirectCalls((command) => this.waits.link?.post(command), settings.isReadable);
    this.waits = new Waits({
      awaited: () => this.#reports.awaited,
      direct: this.#direct,
      abandon: (how, call) => this.#abandon(how, call),
    });
    this.#reports = new Reports({
      settings,
      listener,
      flow,
      workers: this.#workers,
      direct: this.#direct,
      totals: this.totals,
      exited: (worker, exit) => this.#exited(worker, exit),
    });
  }

  get workers(): readonly PythonWorker[] {
    return [...this.#workers.values()];
  }

  serveCallbacks(callee: Callee): void {
    this.#reports.callee = callee;
  }

  /** Starts a process. It needs the handshake before anything else. */
  open(
    place: number,
    command: Pick<Extract<Command, { kind: 'start' }>, 'file' | 'args' | 'env' | 'note'>,
  ): PythonWorker {
    this.waits.link ??= this.#openLink();
    this.#lastWorker += 1;
    const id = this.#lastWorker;
    const folder = `${this.waits.link.folder}/${id}`;
    const env = { ...command.env, TMPDIR: folder, MLX_ROUTER_WORKER_FOLDER: folder };
    const taken = new Set(this.workers.map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot += 1;
    this.waits.link.post({
      kind: 'start',
      worker: id,
      slot,
      folder,
      maxFrameBytes: this.#settings.limits.maxFrameBytes,
      ...command,
      env,
    });
    const worker = newWorker(id, slot, place);
    this.#workers.set(id, worker);
    return worker;
  }

  /** Uses the short way to a worker that has made one. */
  connect(worker: PythonWorker): void {
    if (this.waits.link === null) return;
    this.#direct.connect(worker, `${this.waits.link.folder}/${worker.id}`, this.#settings.limits.maxFrameBytes, {
      frame: (frame) => this.#reports.serveDirect(worker, frame),
      broken: (broken) => this.waits.link?.post({ kind: 'kill', worker: worker.id, broken }),
    });
  }

  send(worker: PythonWorker, request: Request): Call {
    worker.batch?.send();
    const { background = false, answerBytes = 0, budget } = request;
    // What is not awaited is not bound to the deadline of the code that happens to cause it.
    const unbound = background || budget !== undefined;
    const deadline =
      request.deadline ??
      (unbound ? new Deadline(budget ?? this.#settings.limits.callTimeoutMs) : this.#settings.deadline());
    const call = this.#reports.create({ worker, label: request.label, deadline, background });
    if (worker.exit !== null) {
      call.settle(exitError(worker.exit, call, false));
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
    this.#reports.add(call);
    // Counted now: memory that changes its owner on the way has no length here afterwards.
    const bytes = head.length + payload.length + answerBytes;
    if (!this.#direct.send(worker, call, request.type, chunks, answerBytes)) {
      this.#post(worker, call.id, deadline.left, chunks, { own });
      call.serial = worker.posted;
    }
    call.markSent(bytes);
    this.totals.calls += 1;
    if (!this.#flow.isIdle) this.#flow.pass(worker, true);
    return call;
  }

  /** Sends the frees that no request has taken along. */
  flushFrees(): void {
    for (const worker of this.#workers.values()) {
      const chunks = this.#unfreedChunks(worker);
      if (chunks.length > 0) this.#notify(worker, FrameType.FREE, chunks);
    }
  }

  /** Sends what has no answer. */
  notify(worker: PythonWorker, type: number, header: Header): void {
    worker.batch?.send();
    this.#notify(worker, type, [...this.#unfreedChunks(worker), this.#head(type, 0, header, 0)]);
  }

  /** Answers a callback. */
  resume(worker: PythonWorker, callback: number, type: number, header: Header): void {
    worker.batch?.send();
    const chunks = this.#unfreedChunks(worker);
    chunks.push(this.#head(type, callback, header, 0));
    const during = worker.resumed(callback);
    if (this.#direct.resume(worker, callback, type, chunks)) return;
    this.#post(worker, 0, 0, chunks, { resumes: callback });
    // Its answer comes after the worker has taken this.
    if (during !== undefined) during.serial = worker.posted;
  }

  /** Ends the wait for the call with that reason. `kill`: if it is all that its worker does, the worker may go. */
  cancel(call: Call, reason: unknown, kill: boolean): void {
    if (call.done) return;
    call.giveUp(reason);
    this.#direct.watch(call);
    this.waits.link?.post({ kind: 'cancel', worker: call.worker.id, call: call.id, kill });
  }

  /** Lets one worker leave, once it has answered what it was asked. */
  retire(worker: PythonWorker): void {
    this.waits.link?.post({ kind: 'retire', worker: worker.id, grace: STOP_GRACE_MS });
  }

  kill(worker: PythonWorker): void {
    this.waits.link?.post({ kind: 'kill', worker: worker.id });
  }

  /** Lets the workers leave and ends the thread; what is still in flight fails. */
  async stop(): Promise<void> {
    const link = this.waits.link;
    if (link === null) return this.#stopping ?? undefined;
    this.waits.link = null;
    this.#stopping = link.stop(STOP_GRACE_MS).finally(() => {
      this.#stopping = null;
    });
    this.#endAll('the Python backend was shut down');
    await this.#stopping;
  }

  #openLink(): Link {
    const link: Link = new Link(
      MOST_PROCESSES,
      (report) => this.#reports.serve(report),
      (reason) => {
        if (this.waits.link === link) this.#abandonAll(reason);
      },
    );
    return link;
  }

  #exited(id: number, exit: WorkerExit): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    this.#workers.delete(id);
    worker.die(exit);
    this.#reports.failAll(worker, exit);
    worker.announceExit();
    this.#reports.callee?.exited(worker);
    this.#flow.exited(worker);
    this.#listener.exited(worker, exit);
    const reason = describeExit(exit);
    this.#settings.report({ type: 'died', worker: worker.place, pid: exit.pid, reason });
  }

  #endAll(message: string): void {
    for (const { id, pid } of this.workers) {
      this.#exited(id, { cause: 'stopped', call: 0, pid, code: null, signal: null, message, stderr: '' });
    }
  }

  /** The I/O thread has exited or does not answer: everything is dropped, and the next use starts afresh. */
  #abandon(how: Waited, call: Call): void {
    const details = { operation: call.label, implementation: 'python' as const };
    const error: MlxRouterError =
      how === 'late'
        ? new WorkerTimeoutError(`no answer within ${call.budget} ms, and the I/O thread does not answer`, details)
        : new WorkerDiedError('the I/O thread of the Python backend ended', details);
    this.#reports.fail(call, error);
    this.#abandonAll(error.message);
  }

  #abandonAll(reason: string): void {
    const link = this.waits.link;
    this.waits.link = null;
    link?.destroy();
    this.#endAll(reason);
  }

  #notify(worker: PythonWorker, type: number, chunks: Uint8Array<ArrayBuffer>[]): void {
    if (!this.#direct.send(worker, null, type, chunks)) this.#post(worker, 0, 0, chunks);
  }

  /** `own`: the first chunk that is the call's; `resumes`: the callback that it answers. */
  #post(
    worker: PythonWorker,
    call: number,
    budget: number,
    chunks: Uint8Array<ArrayBuffer>[],
    { own = 0, resumes }: { readonly own?: number; readonly resumes?: number } = {},
  ): void {
    worker.post();
    const last = chunks.at(-1);
    const transfer = last !== undefined && last.length > 4096 ? [last.buffer] : [];
    const command = { kind: 'send', worker: worker.id, call, budget, chunks, own } as const;
    this.waits.link?.post(resumes === undefined ? command : { ...command, resumes }, transfer);
  }

  #unfreedChunks(worker: PythonWorker): Uint8Array<ArrayBuffer>[] {
    const tensors = worker.takeUnfreed();
    return tensors === null ? [] : [this.#head(FrameType.FREE, 0, { tensors }, 0)];
  }

  #head(type: number, call: number, header: Header, payloadBytes: number): Uint8Array<ArrayBuffer> {
    const head = encodeHead(type, call, pack(header), payloadBytes, this.#settings.limits.maxFrameBytes);
    this.totals.sent += head.length + payloadBytes;
    return head;
  }
}
