import { type MlxRouterError, WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import type { Report, WorkerExit } from '../io-thread/messages.ts';
import type { Settings } from '../options.ts';
import { type Frame, FrameType } from '../wire/frames.ts';
import { unpack } from '../wire/msgpack.ts';
import { Call, type CallParts, type PythonWorker, type Reply } from './call.ts';
import type { DirectCalls } from './direct-calls.ts';
import { exitError } from './failures.ts';
import type { Flow } from './flow.ts';

const MAX_CALL = 2 ** 32 - 1;

/** Who runs the functions that workers call. */
export interface Callee {
  /** `call`: the request in which it happens, unless that was given up. */
  called(worker: PythonWorker, callback: number, header: Uint8Array, call: Call | undefined): void;
  released(worker: PythonWorker, header: Uint8Array): void;
  /** An error frame that a call is about to settle with. */
  failed(reply: Reply): void;
  exited(worker: PythonWorker): void;
}

/** Who follows what becomes of workers and requests. */
export interface WorkerListener {
  /** A request was answered by a worker that may have to make way. */
  answered(worker: PythonWorker): void;
  exited(worker: PythonWorker, exit: WorkerExit): void;
}

/** What serving reports needs of the conversation. */
interface Surroundings {
  readonly settings: Settings;
  readonly listener: WorkerListener;
  readonly flow: Flow;
  readonly workers: ReadonlyMap<number, PythonWorker>;
  readonly direct: DirectCalls;
  readonly totals: { received: number };
  exited(worker: number, exit: WorkerExit): void;
}

/** The calls in flight, by their numbers on the wire, and all that workers say: answers, callbacks, exits. */
export class Reports {
  readonly #in: Surroundings;
  readonly #calls = new Map<number, Call>();
  #last = 0;
  callee: Callee | null = null;

  constructor(surroundings: Surroundings) {
    this.#in = surroundings;
  }

  /** A call under a number of its own; not in flight before it is added. */
  create(parts: Omit<CallParts, 'id'>): Call {
    do this.#last = this.#last >= MAX_CALL ? 1 : this.#last + 1;
    while (this.#calls.has(this.#last));
    return new Call({ id: this.#last, ...parts });
  }

  add(call: Call): void {
    this.#calls.set(call.id, call);
  }

  /** Those that are awaited. */
  get awaited(): Call[] {
    return [...this.#calls.values()].filter(({ background, done }) => !background && !done);
  }

  /** The call ends with that error, whatever its worker still says of it. */
  fail(call: Call, error: MlxRouterError): void {
    this.#calls.delete(call.id);
    call.settle(error);
  }

  /** All calls of a worker that has exited end. */
  failAll(worker: PythonWorker, exit: WorkerExit): void {
    const calls = [...this.#calls.values()].filter((call) => call.worker === worker);
    // When the late one is a request that is not awaited, the next one is the one that has waited too long.
    const culprit =
      calls.find((call) => call.id === exit.call && !call.background) ?? calls.find((call) => !call.background);
    for (const call of calls) this.fail(call, exitError(exit, call, call === culprit, call === calls[0]));
  }

  serve(report: Report): void {
    if (report.kind === 'frame' || report.kind === 'callback' || report.kind === 'release')
      this.#catchUp(report.worker);
    switch (report.kind) {
      case 'frame':
        this.#settle(report);
        break;
      case 'callback':
        this.#ofWorker(report, (worker, callee) => {
          const call = this.#calls.get(report.call);
          worker.called(report.callback, call);
          callee.called(worker, report.callback, report.header, call);
        });
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
      case 'exited':
        this.#in.exited(report.worker, report.exit);
        break;
      case 'stopped':
    }
  }

  /** What came along a line, past the I/O thread. */
  serveDirect(worker: PythonWorker, { type, call: id, header, payload }: Frame): void {
    if (type === FrameType.CALLBACK) {
      const call = this.#calls.get(Number(unpack(header)['during']));
      worker.called(id, call);
      this.#in.direct.suspended(worker, id, call);
      this.callee?.called(worker, id, header, call);
      return;
    }
    const call = this.#calls.get(id);
    const duration = call === undefined ? 0 : performance.now() - call.sent;
    this.#settle({ kind: 'frame', worker: worker.id, type, call: id, header, payload, queueWait: 0, duration });
  }

  #ofWorker(report: { readonly worker: number }, use: (worker: PythonWorker, callee: Callee) => void): void {
    const worker = this.#in.workers.get(report.worker);
    const { callee } = this;
    if (worker !== undefined && callee !== null) use(worker, callee);
  }

  #settle(report: Reply): void {
    const call = this.#calls.get(report.call);
    // An answer to a call that was given up must not reach another one.
    if (call === undefined || call.worker.id !== report.worker) return;
    this.#calls.delete(report.call);
    const { worker } = call;
    this.#in.direct.settled(call);
    const isHandshake = worker.facts === null;
    this.#in.totals.received += report.header.length + report.payload.length;
    if (report.type === FrameType.ERROR) this.callee?.failed(report);
    call.settle(report);
    if (!isHandshake && (this.#in.settings.renewsWorkers || worker.retiring !== null))
      this.#in.listener.answered(worker);
    if (!this.#in.flow.isIdle) this.#in.flow.pass(worker, false);
    this.#in.settings.report({
      type: 'call',
      worker: worker.place,
      operation: call.label,
      queueWait: report.queueWait,
      duration: report.duration,
    });
  }

  /** What the worker wrote along the line before something else is there, and comes first. */
  #catchUp(id: number): void {
    const line = this.#in.workers.get(id)?.line;
    if (line !== null && line !== undefined && line.calls.size > 0) line.look();
  }

  #rung(id: number): void {
    const line = this.#in.workers.get(id)?.line;
    if (line === null || line === undefined) return;
    line.bell();
  }

  #log(id: number, text: string): void {
    const worker = this.#in.workers.get(id);
    if (worker !== undefined) this.#in.settings.report({ type: 'log', worker: worker.place, pid: worker.pid, text });
  }

  #measured(id: number, bytes: number): void {
    this.#in.workers.get(id)?.measured(bytes);
  }

  /** Its time is over while its worker is busy with older ones; the answer may still come. */
  #late(id: number): void {
    const call = this.#calls.get(id);
    const details = { operation: call?.label, implementation: 'python' as const };
    const text = `no answer within ${call?.budget} ms; its worker was busy with older calls all the time`;
    call?.giveUp(new WorkerTimeoutError(text, details));
  }

  /** It never reached its worker. */
  #withdrawn(id: number): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.fail(call, new WorkerTimeoutError('the call was withdrawn before it was sent', { operation: call.label }));
    if (!this.#in.flow.isIdle) this.#in.flow.pass(call.worker, false);
  }
}
