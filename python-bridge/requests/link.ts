import { availableParallelism, tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { messageOf } from '../../foundation/errors/message.ts';
import { ownProgram } from '../../foundation/system/own-program.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../foundation/system/temporary-folder.ts';
import { type Command, ENDED, FIRST_PID, LISTENING, type Report, SIGNAL, STATE } from '../io-thread/messages.ts';

/** A little more than a small call takes. On a single core the thread would not get to run meanwhile. */
const SPIN_MS = availableParallelism() > 1 ? 0.2 : 0;

/** After a failed poll, that many waits block at once. */
const LOOKS_SKIPPED = 8;

/** Why a wait came to its end. */
export type Waited = 'done' | 'late' | 'ended';

/** One listener for all, or Node warns of a leak. */
const open = new Set<Link>();

function destroyAll(): void {
  for (const link of open) link.destroy();
}

/** The main thread's end of the I/O thread: commands go down, reports come up, in turns of the event loop or not. */
export class Link {
  /** A folder for the workers' temporary files that only this user can enter. */
  readonly folder: string;
  readonly #thread: Worker;
  readonly #port: MessagePort;
  readonly #control: Int32Array;
  readonly #onReport: (report: Report) => void;
  readonly #exited: Promise<void>;
  #awaited = 0;
  #looksToSkip = 0;
  #glanced = 0;

  /** `onEnded`: the thread has exited without being asked to. */
  constructor(places: number, onReport: (report: Report) => void, onEnded: (reason: string) => void) {
    this.#onReport = onReport;
    this.#control = new Int32Array(new SharedArrayBuffer(4 * (FIRST_PID + places)));
    this.folder = makeTemporaryFolder(tmpdir());
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#thread = new Worker(threadFile(), {
      name: 'mlx-router I/O',
      // Not those of this process: a loader of the application's has nothing to do there.
      execArgv: [],
      workerData: { port: port2, control: this.#control },
      transferList: [port2],
    });
    let reason = 'the I/O thread ended';
    this.#thread.on('error', (error: unknown) => {
      reason = `the I/O thread failed: ${messageOf(error)}`;
    });
    this.#exited = new Promise((resolve) => {
      this.#thread.on('exit', () => {
        resolve();
        onEnded(reason);
      });
    });
    this.#port.on('message', (report: Report) => this.#onReport(report));
    // Only what is awaited keeps the process running.
    this.#thread.unref();
    this.#port.unref();
    open.add(this);
    if (open.size === 1) process.on('exit', destroyAll);
  }

  /** Whether the thread has come up. */
  get listening(): boolean {
    return Atomics.load(this.#control, STATE) === LISTENING;
  }

  post(command: Command, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(command, transfer);
  }

  /**
   * Blocks until `done`, serving every report meanwhile. Never longer than the budget, in milliseconds. `looks`: whether a
   * poll for a moment may save the wait.
   */
  wait(done: () => boolean, budget: number, looks = true): Waited {
    const deadline = performance.now() + budget;
    for (;;) {
      // Read before the queue is: a report that comes in between changes it, and the wait returns at once.
      const seen = Atomics.load(this.#control, SIGNAL);
      this.#serve();
      if (done()) return 'done';
      if (Atomics.load(this.#control, STATE) === ENDED) return 'ended';
      const left = deadline - performance.now();
      if (left <= 0) return 'late';
      if (!looks || !this.#changes(seen)) Atomics.wait(this.#control, SIGNAL, seen, left);
    }
  }

  /** Serves what has come while no call waited here. */
  glance(): void {
    const seen = Atomics.load(this.#control, SIGNAL);
    if (seen === this.#glanced) return;
    this.#glanced = seen;
    this.#serve();
  }

  /** Keeps the process alive until the same number of `release`. */
  hold(): void {
    this.#awaited += 1;
    if (this.#awaited === 1) this.#port.ref();
  }

  release(): void {
    this.#awaited -= 1;
    if (this.#awaited === 0) this.#port.unref();
  }

  /** Lets the workers leave within the grace, in milliseconds, and ends the thread. */
  async stop(grace: number): Promise<void> {
    this.hold();
    this.#thread.ref();
    this.post({ kind: 'stop', grace });
    const timer = setTimeout(() => void this.#thread.terminate(), 3 * grace + 1000);
    await this.#exited;
    clearTimeout(timer);
    this.#serve();
    this.destroy();
  }

  /** Ends everything at once, whatever state it is in. */
  destroy(): void {
    open.delete(this);
    if (open.size === 0) process.off('exit', destroyAll);
    // A use after this, in an exit handler of the application's, must not wait for what no longer runs.
    Atomics.store(this.#control, STATE, ENDED);
    this.#killAll();
    this.#port.close();
    void this.#thread.terminate();
  }

  /** Looks for a moment whether the counter moves, which costs less than to block and be woken. */
  #changes(seen: number): boolean {
    if (SPIN_MS === 0) return false;
    if (this.#looksToSkip > 0) {
      this.#looksToSkip -= 1;
      return false;
    }
    const until = performance.now() + SPIN_MS;
    do if (Atomics.load(this.#control, SIGNAL) !== seen) return true;
    while (performance.now() < until);
    // Long calls, or cores that others need: then looking only takes time from the worker.
    this.#looksToSkip = LOOKS_SKIPPED;
    return false;
  }

  #serve(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#onReport(received.message as Report);
    }
  }

  #killAll(): void {
    for (let place = FIRST_PID; place < this.#control.length; place++) {
      const pid = Atomics.exchange(this.#control, place, 0);
      if (pid === 0) continue;
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has left already.
      }
    }
    removeTemporaryFolder(this.folder);
  }
}

function threadFile(): URL {
  const own: string | undefined = import.meta.url;
  if (own?.endsWith('.ts')) return new URL('../io-thread/from-source.mjs', own);
  return pathToFileURL(ownProgram('python-bridge/io-thread/thread'));
}
