import { setTimeout as sleep } from 'node:timers/promises';
import {
  BackendUnavailableError,
  type MlxRouterError,
  VersionMismatchError,
  WorkerDiedError,
  WorkerTimeoutError,
} from '../../foundation/errors/errors.ts';
import { WORKER_BLAS } from '../../foundation/system/blas-threads.ts';
import { MLX_VERSION } from '../../foundation/system/pins.ts';
import { pythonCommand } from '../../foundation/system/set-up.ts';
import type { WorkerExit } from '../io-thread/messages.ts';
import type { Settings } from '../options.ts';
import { type Call, Deadline, type PythonWorker, type WorkerFacts } from '../requests/call.ts';
import type { Conversation } from '../requests/conversation.ts';
import { exitBehind } from '../requests/failures.ts';
import { runInTurns, type Steps, waitFor } from '../requests/steps.ts';
import { FrameType, PROTOCOL_VERSION } from '../wire/frames.ts';
import { unpack } from '../wire/msgpack.ts';
import type { OperationTable } from '../wire/operation-table.ts';
import { workerEnvironment } from './environment.ts';
import { locatePython, type PythonLocation } from './locate.ts';

const START_LABEL = 'the start of a Python worker';

/** MLX keeps that much freed memory for its next tensors. */
const CACHE_BYTES = 2 ** 30;
/** Blocks below these sizes stay in the process, so that a tensor's pages are not faulted in anew each time. */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: String(2 ** 30), MALLOC_TRIM_THRESHOLD_: String(2 ** 30) };
const FIRST_PAUSE_MS = 100;
const MOST_EXITS_IN_A_ROW = 5;
/** What one call tries, where signals end the workers that start for it. */
const MOST_STARTS = 3;
const PAUSE_AFTER_THEM_MS = 30_000;

interface PlaceParts {
  readonly index: number;
  readonly settings: Settings;
  readonly operations: OperationTable;
  readonly conversation: Conversation;
  /** Gives a worker that is ready already, or null. */
  readonly spare: () => PythonWorker | null;
}

/** One place in the pool: starts a process when it is needed, and another one when that has exited. */
export class Place {
  readonly #index: number;
  readonly #settings: Settings;
  readonly #operations: OperationTable;
  readonly #conversation: Conversation;
  readonly #spare: () => PythonWorker | null;
  #worker: PythonWorker | null = null;
  #handshake: Call | null = null;
  #failure: MlxRouterError | null = null;
  /** Workers that exited since one of this place answered a call. */
  #exitsInARow = 0;
  /** Answers of the worker at the last exit. */
  #answersBefore = 0;
  #notBefore = 0;
  /** Whether the worker before exited. */
  #lostWorker = false;
  restarts = 0;

  constructor({ index, settings, operations, conversation, spare }: PlaceParts) {
    this.#index = index;
    this.#spare = spare;
    this.#settings = settings;
    this.#operations = operations;
    this.#conversation = conversation;
  }

  get index(): number {
    return this.#index;
  }

  get starting(): boolean {
    return this.#handshake !== null;
  }

  /** The worker, once it is ready. */
  get worker(): PythonWorker | null {
    return this.#worker;
  }

  /** Requests in flight. */
  get load(): number {
    return this.#worker?.pending ?? (this.#handshake === null ? 0 : 1);
  }

  /** Why the last start failed; null after one that did not. */
  get failure(): MlxRouterError | null {
    return this.#failure;
  }

  /** The worker, started if need be. Waits until it is ready, which is not the call's own time. */
  *ensuring(deadline: Deadline): Steps<PythonWorker> {
    const present = this.#worker ?? this.#takeSpare();
    if (present !== null) return present;
    const begun = performance.now();
    for (let starts = 1; ; starts++) {
      if (this.#handshake === null) {
        const pause = Math.min(this.#pause(), deadline.leftToStart);
        if (pause > 0)
          yield* waitFor(
            () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause),
            () => sleep(pause),
          );
      }
      // Another call may have started it meanwhile.
      if (this.#worker === null) yield* this.#greet(deadline);
      if (!this.#deservesAnotherStart(starts)) break;
    }
    deadline.excuse(performance.now() - begun);
    return this.#ready();
  }

  ensureAsync(deadline: Deadline): Promise<PythonWorker> {
    return runInTurns(this.ensuring(deadline));
  }

  /** Waits for the answer to the handshake. Why there is none, `#handshakeDone` knows better than the call. */
  *#greet(deadline: Deadline): Steps<void> {
    this.#handshake ??= this.#start();
    const handshake = this.#handshake;
    const { waits } = this.#conversation;
    const cause = yield* waitFor<unknown>(
      () => {
        try {
          waits.wait(handshake, deadline.leftToStart);
          return undefined;
        } catch (error) {
          return error;
        }
      },
      () =>
        within(
          deadline.leftToStart,
          waits.promise(handshake).catch(() => undefined),
        ),
    );
    if (!handshake.settled) throw notInTime(deadline, cause);
  }

  /** Starts a worker that is not needed so far, unless starts make no sense now. */
  prepare(): void {
    if (this.#worker !== null || this.#handshake !== null || performance.now() < this.#notBefore) return;
    try {
      this.#handshake = this.#start();
    } catch (error) {
      this.#failure = error as MlxRouterError;
    }
  }

  /** The worker, which is no longer of this place. */
  giveAway(): PythonWorker | null {
    const worker = this.#worker;
    this.#leave();
    return worker;
  }

  #takeSpare(): PythonWorker | null {
    if (this.#handshake !== null) return null;
    const spare = this.#spare();
    if (spare === null) return null;
    spare.moveTo(this.#index);
    this.#enter(spare);
    this.#countStart();
    return spare;
  }

  #countStart(): void {
    if (this.#lostWorker) this.restarts += 1;
    this.#lostWorker = false;
  }

  exited(worker: PythonWorker, exit: WorkerExit): void {
    this.#countAnswers();
    if (worker === this.#worker) {
      this.#leave();
      this.#lostWorker = true;
    }
    // We ended those ourselves, which says nothing about the next one.
    if (exit.cause === 'stopped' || exit.cause === 'aborted' || exit.cause === 'timeout') return;
    this.#exitsInARow += 1;
    if (this.#exitsInARow === 1) return;
    const pause =
      this.#exitsInARow < MOST_EXITS_IN_A_ROW ? FIRST_PAUSE_MS * 2 ** (this.#exitsInARow - 2) : PAUSE_AFTER_THEM_MS;
    this.#notBefore = performance.now() + pause;
  }

  #enter(worker: PythonWorker): void {
    this.#worker = worker;
    this.#answersBefore = worker.answers;
  }

  #leave(): void {
    this.#countAnswers();
    this.#worker = null;
  }

  /** A worker that has answered since an exit shows that starts make sense. */
  #countAnswers(): void {
    if (this.#worker === null || this.#worker.answers === this.#answersBefore) return;
    this.#answersBefore = this.#worker.answers;
    this.#exitsInARow = 0;
  }

  /** Forgets failures: after a shutdown the next use tries again. */
  reset(): void {
    this.#worker = null;
    this.#handshake = null;
    this.#failure = null;
    this.#exitsInARow = 0;
    this.#notBefore = 0;
  }

  /** Whether a signal ended the worker while it started, which says nothing about the next one. */
  #deservesAnotherStart(starts: number): boolean {
    if (this.#worker !== null || starts >= MOST_STARTS) return false;
    const exit = exitBehind(this.#failure?.cause)?.exit;
    return exit?.cause === 'exit' && exit.signal !== null;
  }

  #ready(): PythonWorker {
    if (this.#worker !== null) return this.#worker;
    throw this.#failure ?? new WorkerDiedError('the Python worker ended while it started');
  }

  /** Milliseconds until the next start; throws while starts make no sense. */
  #pause(): number {
    const left = this.#notBefore - performance.now();
    if (this.#exitsInARow >= MOST_EXITS_IN_A_ROW && left > 0) {
      throw new BackendUnavailableError(
        `${this.#exitsInARow} Python workers in a row died before they had answered a call; ` +
          `the next is started in ${Math.ceil(left / 1000)} s, or after a shutdown. ${this.#failure?.message ?? ''}`.trimEnd(),
        { implementation: 'python' },
      );
    }
    return left;
  }

  #start(): Call {
    const location = locatePython(this.#settings.pythonPath);
    const { python, source, script } = location;
    if (python === null) {
      throw new BackendUnavailableError(
        `no Python was found: ${source}. Run "${pythonCommand()}" or set MLX_ROUTER_PYTHON`,
        { implementation: 'python' },
      );
    }
    this.#countStart();
    this.#operations.addAll(this.#settings.operations());
    const started = performance.now();
    const worker = this.#conversation.open(this.#index, {
      file: python,
      args: [script],
      env: this.#environment(location),
      note: memoryNote(this.#settings.limits.workerMemoryBytes),
    });
    worker.learn(this.#operations.size);
    const handshake = this.#conversation.send(worker, {
      type: FrameType.HELLO,
      header: {
        protocol: PROTOCOL_VERSION,
        maxFrameBytes: this.#settings.limits.maxFrameBytes,
        cacheBytes: CACHE_BYTES,
        memoryBytes: this.#settings.limits.workerMemoryBytes,
        allow: this.#settings.allowModules,
        searchPath: [process.cwd()],
        operations: this.#operations.rowsFrom(0),
      },
      label: START_LABEL,
      deadline: new Deadline(this.#settings.startTimeoutMs),
    });
    handshake.onSettled(() => {
      this.#handshake = null;
      try {
        this.#handshakeDone(worker, handshake, python);
        this.#enter(worker);
        this.#failure = null;
      } catch (error) {
        this.#failure = error as MlxRouterError;
        this.#lostWorker = true;
        this.#conversation.kill(worker);
        return;
      }
      const duration = performance.now() - started;
      this.#settings.report({ type: 'started', worker: this.#index, pid: worker.pid, duration });
    });
    return handshake;
  }

  #environment({ blas, guards }: PythonLocation): Record<string, string> {
    const { env, workerEnvironment: wanted } = this.#settings;
    const libraries = {
      ...(blas !== null && { MLX_ROUTER_BLAS: blas }),
      ...(guards !== null && { MLX_ROUTER_GUARDS: guards.library, MLX_ROUTER_GUARDS_FOR: guards.mlx }),
    };
    return workerEnvironment(process.env, wanted, { ...libraries, ...env }, { ...MALLOC, ...WORKER_BLAS });
  }

  /** Takes the answer to the handshake, if it is the one of a worker that fits. */
  #handshakeDone(worker: PythonWorker, handshake: Call, python: string): void {
    const details = { implementation: 'python' as const };
    let ready: ReturnType<typeof unpack>;
    try {
      ready = unpack(handshake.reply.header);
    } catch (cause) {
      if (!(cause instanceof WorkerDiedError)) throw cause;
      throw new BackendUnavailableError(`${python} did not start as a worker: ${cause.message}`, { ...details, cause });
    }
    if (ready['protocol'] !== PROTOCOL_VERSION) {
      throw new VersionMismatchError(
        `the worker speaks protocol ${String(ready['protocol'])}, this package ${PROTOCOL_VERSION}; reinstall it`,
        details,
      );
    }
    if (ready['mlx'] === null) {
      throw new BackendUnavailableError(
        `${python} has no MLX (${String(ready['problem'])}); run "${pythonCommand()}", or install mlx==${MLX_VERSION} there`,
        details,
      );
    }
    if (ready['mlx'] !== MLX_VERSION) {
      throw new VersionMismatchError(
        `${python} has MLX ${String(ready['mlx'])}, expected ${MLX_VERSION}; run "${pythonCommand()}"`,
        details,
      );
    }
    worker.handshakeDone(ready as unknown as WorkerFacts);
    if (ready['line'] === true) this.#conversation.connect(worker);
    this.#operations.markUnresolved(ready['unresolved']);
  }
}

/** MLX does not look whether it got the memory that it asked for, so a limit shows as a signal. */
function memoryNote(bytes: number): string {
  if (bytes === 0) return '';
  return `its memory is limited to ${Math.floor(bytes / 2 ** 20)} MiB ("workerMemoryBytes"), which it may have reached`;
}

function notInTime(deadline: Deadline, cause?: unknown): WorkerTimeoutError {
  return new WorkerTimeoutError(`no Python worker was ready within ${deadline.budget} ms`, {
    implementation: 'python',
    cause,
  });
}

/** Waits for the promise, but not longer than that. */
async function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    if (milliseconds < 2 ** 31) timer = setTimeout(resolve, Math.max(0, milliseconds));
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
