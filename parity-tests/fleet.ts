import { type ChildProcess, fork } from 'node:child_process';
import { statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackendUnavailableError } from '../foundation/errors/errors.ts';
import { ownProgram } from '../foundation/system/own-program.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from '../foundation/system/temporary-folder.ts';
import { type Operation, qualifiedName } from '../registry/operation.ts';
import type { Reply, Task, Versions } from './child.ts';
import { CHILD_OPTIONS } from './children.ts';
import { readJournal } from './journal.ts';
import type { Failure, OperationReport } from './operation-report.ts';

/** No call takes so long on both sides, not even where a GPU compiles its kernel first: what does hangs. */
const HANG_MS = 120_000;
/** So often it is looked whether there is a new call, while `hangMs` passes. */
const LOOKS = 8;

export interface FleetOptions {
  readonly runs: number;
  readonly seed: number;
  readonly path?: string | undefined;
  /** Addresses of modules that each process imports first: they register the user's own. */
  readonly imports?: readonly string[];
  /** Transforms of the operations' calls, in place of the calls themselves. */
  readonly transforms?: boolean;
  /** Processes at once; by default one for each core. */
  readonly processes?: number;
  /** How long one call may take. */
  readonly hangMs?: number;
  readonly onReport?: (report: OperationReport) => void;
}

export interface FleetResult {
  readonly reports: readonly OperationReport[];
  readonly versions: Versions;
}

/**
 * Checks operations in processes of their own: one that MLX ends, or that hangs, is reported with the call that did
 * it, and the others go on. Reports come in the order of the operations.
 */
export async function checkAll(operations: readonly Operation[], options: FleetOptions): Promise<FleetResult> {
  const folder = makeTemporaryFolder(tmpdir());
  const queue = operations.map((operation, i) => ({ operation, i }));
  const reports: OperationReport[] = [];
  const started: Worker[] = [];
  let versions: Versions = {};
  const count = Math.min(options.processes ?? Math.min(availableParallelism(), 8), operations.length);
  try {
    await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        let worker: Worker | undefined;
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          if (worker === undefined) {
            worker = new Worker(join(folder, `${n}.journal`), options.imports ?? []);
            started.push(worker);
          }
          versions = await worker.ready;
          const report = await worker.check(next.operation, options);
          reports[next.i] = report;
          options.onReport?.(report);
          if (worker.ended) worker = undefined;
        }
        await worker?.stop();
      }),
    );
  } finally {
    // After a failure others may still be running, and would keep this process.
    for (const worker of started) worker.kill();
    removeTemporaryFolder(folder);
  }
  return { reports, versions };
}

const CHILD = ownProgram('parity-tests/child');

class Worker {
  readonly ready: Promise<Versions>;
  readonly #child: ChildProcess;
  readonly #journal: string;
  readonly #exit: Promise<string>;
  ended = false;

  constructor(journal: string, imports: readonly string[]) {
    this.#journal = journal;
    this.#child = fork(CHILD, [journal, ...imports], {
      execArgv: CHILD_OPTIONS,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#exit = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.ended = true;
        resolve(signal === null ? `exit code ${code}` : signal);
      });
    });
    this.ready = this.#receive().then((reply) => {
      if (reply !== undefined && reply.type === 'ready') return reply.versions;
      const problem = reply?.type === 'unavailable' ? reply.problem : 'a process for the checks ended at its start';
      throw new BackendUnavailableError(`parity needs both backends: ${problem}`);
    });
  }

  async check(operation: Operation, options: FleetOptions): Promise<OperationReport> {
    const { runs, seed, path, transforms = false, hangMs = HANG_MS } = options;
    const started = performance.now();
    const task: Task = {
      name: qualifiedName(operation),
      runs,
      seed,
      transforms,
      ...(path === undefined ? {} : { path }),
    };
    const answer = this.#receive();
    this.#child.send(task);
    const watch = this.#watch(hangMs);
    const reply = await answer;
    const hung = watch.end();
    if (reply?.type === 'report') return reply.report;
    const milliseconds = Math.round(performance.now() - started);
    const how = hung ? `no answer within ${hangMs} ms` : `the process ended: ${await this.#exit}`;
    return this.#ended(operation, how, milliseconds, options);
  }

  /** Kills the process when no call has begun for `hangMs`; `end` says whether that was so. */
  #watch(hangMs: number): { end(): boolean } {
    let [seen, since, hung] = [-1, performance.now(), false];
    const look = (): void => {
      const { mtimeMs } = statSync(this.#journal);
      if (mtimeMs !== seen) [seen, since] = [mtimeMs, performance.now()];
      else if (performance.now() - since >= hangMs) hung = this.#child.kill('SIGKILL');
    };
    const timer = setInterval(look, hangMs / LOOKS);
    return {
      end: () => {
        clearInterval(timer);
        return hung;
      },
    };
  }

  /** Ends the process, or finds it ended. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exit;
  }

  kill(): void {
    if (!this.ended) this.#child.kill();
  }

  /** The next reply; undefined when the process ends before it. */
  #receive(): Promise<Reply | undefined> {
    return new Promise((resolve) => {
      const done = (reply: Reply | undefined) => {
        this.#child.off('message', done);
        resolve(reply);
      };
      this.#child.once('message', done);
      void this.#exit.then(() => done(undefined));
    });
  }

  #ended(operation: Operation, how: string, milliseconds: number, { seed, transforms }: FleetOptions): OperationReport {
    const entry = readJournal(this.#journal);
    const failure: Failure = {
      kind: 'process end',
      message: `${how}, in ${entry?.call ?? 'an unknown call'}`,
      native: how,
      python: '',
      typescript: entry?.typescript ?? '',
      pythonSource: entry?.python ?? '',
      seed,
      path: null,
      shrinks: 0,
    };
    return {
      name: qualifiedName(operation),
      family: operation.family,
      status: 'failed',
      runs: 0,
      errorRuns: 0,
      dtypes: [],
      maxUlp: 0,
      tolerance: operation.sample.tolerance?.ulp ?? 0,
      reason: null,
      failures: [failure],
      ...(transforms ? { transforms: [] } : {}),
      milliseconds,
    };
  }
}
