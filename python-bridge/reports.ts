import type { Call, Incarnation, Reply } from './call.ts';
import type { DirectCalls } from './direct-calls.ts';
import type { InFlight } from './in-flight.ts';
import type { Death, Report } from './io-thread/messages.ts';
import type { Settings } from './options.ts';
import { type Frame, FrameType } from './wire/frames.ts';
import { unpack } from './wire/msgpack.ts';

/** Who runs the functions that workers call. */
export interface Callee {
  /** `call`: the request in which it happens, unless that was given up. */
  called(worker: Incarnation, callback: number, header: Uint8Array, call: Call | undefined): void;
  released(worker: Incarnation, header: Uint8Array): void;
  /** An error frame that a call is about to settle with. */
  failed(reply: Reply): void;
  died(worker: Incarnation): void;
}

/** Who follows the fortunes of workers and requests. */
export interface Witness {
  /** A request was answered. */
  answered(worker: Incarnation): void;
  /** Something was sent or answered, so there may be room for more. */
  moved(worker: Incarnation, sent: boolean): void;
  died(worker: Incarnation, death: Death): void;
}

/** What serving reports needs of the conversation. */
interface Surroundings {
  readonly settings: Settings;
  readonly witness: Witness;
  readonly workers: ReadonlyMap<number, Incarnation>;
  readonly inFlight: InFlight;
  readonly direct: DirectCalls;
  readonly totals: { received: number };
  died(worker: number, death: Death): void;
}

/** Serves what workers say: answers, callbacks, deaths, whichever way they come. */
export class Reports {
  readonly #in: Surroundings;
  callee: Callee | null = null;

  constructor(surroundings: Surroundings) {
    this.#in = surroundings;
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
          const call = this.#in.inFlight.find(report.call);
          worker.callbacks.set(report.callback, call);
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
        this.#in.inFlight.late(report.call);
        break;
      case 'withdrawn':
        this.#makeRoom(this.#in.inFlight.withdrawn(report.call));
        break;
      case 'memory':
        this.#measured(report.worker, report.bytes);
        break;
      case 'died':
        this.#in.died(report.worker, report.death);
        break;
      case 'stopped':
    }
  }

  /** What came along a line, past the I/O thread. */
  serveDirect(worker: Incarnation, { type, call: id, header, payload }: Frame): void {
    if (type === FrameType.CALLBACK) {
      const call = this.#in.inFlight.find(Number(unpack(header)['during']));
      worker.callbacks.set(id, call);
      this.#in.direct.suspended(worker, id, call);
      this.callee?.called(worker, id, header, call);
      return;
    }
    const call = this.#in.inFlight.find(id);
    const duration = call === undefined ? 0 : performance.now() - call.sent;
    this.#settle({ kind: 'frame', worker: worker.id, type, call: id, header, payload, queueWait: 0, duration });
  }

  #ofWorker(report: { readonly worker: number }, use: (worker: Incarnation, callee: Callee) => void): void {
    const worker = this.#in.workers.get(report.worker);
    const { callee } = this;
    if (worker !== undefined && callee !== null) use(worker, callee);
  }

  #settle(report: Reply): void {
    const call = this.#in.inFlight.take(report.call, report.worker);
    if (call === undefined) return;
    const { worker } = call;
    worker.confirmed = Math.max(worker.confirmed, call.serial);
    this.#in.direct.settled(call);
    if (!call.background) worker.pending -= 1;
    // The greeting proves nothing yet.
    const ready = worker.facts !== null;
    this.#in.totals.received += report.header.length + report.payload.length;
    if (report.type === FrameType.ERROR) this.callee?.failed(report);
    call.settle(report);
    if (ready) this.#in.witness.answered(worker);
    this.#in.witness.moved(worker, false);
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
    line.rung = true;
    line.look();
  }

  #log(id: number, text: string): void {
    const worker = this.#in.workers.get(id);
    if (worker !== undefined) this.#in.settings.report({ type: 'log', worker: worker.place, pid: worker.pid, text });
  }

  #measured(id: number, bytes: number): void {
    const worker = this.#in.workers.get(id);
    if (worker !== undefined) worker.residentBytes = bytes;
  }

  #makeRoom(call: Call | undefined): void {
    if (call !== undefined) this.#in.witness.moved(call.worker, false);
  }
}
