import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { messageOf } from '../../foundation/errors/message.ts';
import { type Frame, FrameDecoder, FrameType } from '../wire/frames.ts';
import { Lines } from './lines.ts';
import type { Command, ExitCause, WorkerExit } from './messages.ts';
import { Outbox } from './outbox.ts';
import { Pending } from './pending.ts';
import { Tail } from './tail.ts';

const STDERR_BYTES = 4096;
/** How long the pipes of a process that exited may still bring what it had written; grandchildren may hold them open. */
const DRAIN_MS = 20;
/** Deadlines of one budget, for calls that were made one after the other. */
const SAME_MOMENT_MS = 50;
/** Heartbeats in a row that an idle worker may miss. */
const MISSED_BEATS = 10;

/** What goes to the worker. */
interface Message {
  /** 0: no answer is expected. */
  readonly call: number;
  readonly budget: number;
  readonly chunks: readonly Uint8Array[];
  /** The first chunk that is the call's own: what is before it goes out even if the call is withdrawn. */
  readonly own: number;
  /** The callback that this answers. */
  readonly resumes?: number;
}

export interface WorkerEvents {
  frame(frame: Frame, queueWait: number, duration: number): void;
  /** It calls back while it is busy with the request `call`. */
  callback(frame: Frame, call: number): void;
  release(frame: Frame): void;
  bell(): void;
  log(text: string): void;
  /** A call that has not begun is over its budget. */
  late(call: number): void;
  /** A cancelled call had not been sent. */
  withdrawn(call: number): void;
  exited(exit: WorkerExit): void;
}

/** One Python process in a process group of its own: what goes in, what comes out, and how it ended. */
export class WorkerProcess {
  readonly #events: WorkerEvents;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #decoder: FrameDecoder;
  readonly #outbox: Outbox;
  readonly #pending = new Pending((call) => this.#late(call));
  readonly #stderr = new Tail(STDERR_BYTES);
  readonly #lines = new Lines((text) => this.#events.log(text));
  readonly #folder: string;
  readonly #note: string;
  readonly #ended: Promise<void>;
  #missedBeats = 0;
  #hasExited = false;
  #stopping = false;

  constructor(command: Extract<Command, { kind: 'start' }>, events: WorkerEvents) {
    this.#events = events;
    this.#decoder = new FrameDecoder(command.maxFrameBytes);
    this.#folder = command.folder;
    this.#note = command.note;
    // Without its parent: where the main thread has ended meanwhile, that folder is removed and must not come back.
    mkdirSync(this.#folder, { mode: 0o700 });
    this.#process = start(command);
    const subprocess = this.#process;
    this.#stdin.on('error', ignore);
    this.#outbox = new Outbox(this.#stdin);
    this.#stdout.on('error', ignore).on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#stderrStream.on('error', ignore).on('data', (chunk: Buffer) => {
      this.#stderr.push(chunk);
      this.#lines.push(chunk);
    });
    this.#heartbeat?.on('error', ignore).on('data', () => {
      this.#missedBeats = 0;
    });
    subprocess.on('exit', (code, signal) => this.#exited(code, signal));
    this.#ended = new Promise((resolve) => {
      subprocess.once('close', resolve).on('error', ({ message }) => {
        if (subprocess.pid === undefined) this.#end('spawn', { message });
        resolve();
      });
    });
  }

  /** 0 if it could not be started. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  send({ call, budget, chunks, own, resumes }: Message): void {
    if (this.#hasExited) return;
    if (call !== 0) this.#pending.add(call, budget);
    if (resumes !== undefined) this.#pending.resume(resumes);
    this.#outbox.send({ call, chunks, own });
  }

  /** Holds the deadline of a request that went past this thread, behind all that was sent through it. */
  watch(call: number, budget: number): void {
    if (!this.#hasExited) this.#pending.add(call, budget, true);
  }

  unwatch(call: number): void {
    this.#pending.withdraw(call);
  }

  /** The call is no longer awaited: it is not sent; or, if `kill` and there is no other, its worker ends. */
  cancel(call: number, kill: boolean): void {
    if (this.#hasExited) return;
    if (this.#outbox.withdraw(call)) {
      this.#pending.withdraw(call);
      this.#events.withdrawn(call);
    } else if (kill && this.#pending.isOnly(call)) {
      this.#end('aborted', { call, message: 'the only call that it had to do was aborted' });
    } else {
      this.#pending.abandon(call);
    }
  }

  /** Asks the watchdog for a sign of life. */
  beat(): void {
    if (this.#hasExited) return;
    this.#missedBeats += 1;
    // A computation that holds Python's lock is no reason to kill; its own budget is.
    if (this.#missedBeats > MISSED_BEATS && this.#pending.empty) {
      this.#end('unresponsive', { message: 'its watchdog does not answer' });
      return;
    }
    this.#heartbeat?.write(Uint8Array.of(1));
  }

  kill(broken?: string): void {
    if (broken === undefined) this.#end('stopped', { message: 'was killed' });
    else this.#end('protocol', { message: broken });
  }

  /** Lets it leave by itself, then insists. */
  async stop(grace: number): Promise<void> {
    this.#stopping = true;
    this.#outbox.end();
    if (await this.#endsWithin(grace)) return;
    this.#signal('SIGTERM');
    if (await this.#endsWithin(grace)) return;
    this.#end('stopped', { message: 'did not leave when asked' });
  }

  async #endsWithin(milliseconds: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), milliseconds);
    });
    const ended = await Promise.race([this.#ended.then(() => true), late]);
    clearTimeout(timer);
    return ended;
  }

  #receive(chunk: Uint8Array): void {
    if (this.#hasExited) return;
    let frames: Frame[];
    try {
      frames = this.#decoder.push(chunk);
    } catch (error) {
      this.#end('protocol', { message: messageOf(error) });
      return;
    }
    for (const frame of frames) this.#handle(frame);
  }

  #handle(frame: Frame): void {
    if (frame.type === FrameType.DROPPED) {
      this.#events.release(frame);
      return;
    }
    if (frame.type === FrameType.BELL) {
      this.#events.bell();
      return;
    }
    if (frame.type === FrameType.CALLBACK) {
      const call = this.#pending.suspend(frame.call);
      if (call !== null) this.#events.callback(frame, call);
      else this.#end('protocol', { message: 'it called back while it had no request in hand' });
      return;
    }
    const times = this.#pending.take(frame.call);
    if (times !== null) this.#events.frame(frame, times.queueWait, times.duration);
  }

  #late(call: number): void {
    const busy = this.#pending.busy;
    let culprit = call;
    // One that waits behind others says nothing against the worker, unless what it waits for is late as well.
    if (busy !== null && !busy.abandoned && !this.#pending.hasBegun(call)) {
      if (busy.deadline > performance.now() + SAME_MOMENT_MS) {
        this.#pending.abandon(call);
        this.#events.late(call);
        return;
      }
      culprit = busy.call;
    }
    const message = this.#missedBeats <= 2 ? 'it was computing' : 'it was not even answering heartbeats';
    this.#end('timeout', { call: culprit, message });
  }

  #exited(code: number | null, signal: string | null): void {
    const message = signal === null ? '' : this.#note;
    const report = (): void => this.#end(this.#stopping ? 'stopped' : 'exit', { code, signal, message });
    let open = 2;
    const closed = (): void => {
      open -= 1;
      if (open === 0) report();
    };
    this.#stdout.once('close', closed);
    this.#stderrStream.once('close', closed);
    setTimeout(report, DRAIN_MS);
  }

  #end(cause: ExitCause, facts: Partial<WorkerExit>): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    this.#pending.close();
    // Also what the worker has started: a compiler, or children of the user's functions.
    this.#signal('SIGKILL');
    this.#stdin.destroy();
    this.#stdout.destroy();
    this.#heartbeat?.destroy();
    rm(this.#folder, { recursive: true, force: true }).catch(ignore);
    this.#lines.end();
    this.#events.exited({
      cause,
      call: 0,
      pid: this.pid,
      code: null,
      signal: null,
      message: '',
      stderr: this.#stderr.text(),
      ...facts,
    });
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group has exited already.
    }
  }

  get #stdin(): Writable {
    return this.#process.stdin;
  }

  get #stdout(): Readable {
    return this.#process.stdout;
  }

  get #stderrStream(): Readable {
    return this.#process.stderr;
  }

  get #heartbeat(): Socket | null {
    return (this.#process.stdio[3] as unknown as Socket | undefined) ?? null;
  }
}

/** Throws where the process cannot even be tried; all other failures are its event `error`. */
function start({ file, args, env }: Extract<Command, { kind: 'start' }>): ChildProcessWithoutNullStreams {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], detached: true, env });
  // Without descriptors there is an error to come, but no stream.
  if (child.stdin == null) {
    child.on('error', ignore);
    throw new Error(`spawn ${file}: no descriptor is left for its pipes`);
  }
  return child as ChildProcessWithoutNullStreams;
}

function ignore(): void {}
