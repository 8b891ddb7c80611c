import type { Deferral, DeferralOptions } from '../../backend/backend.ts';
import type { MlxRouterError } from '../../foundation/errors/errors.ts';
import type { Handle, Scalar } from '../../foundation/values/values.ts';
import type { Call, PythonWorker } from '../requests/call.ts';
import { Constants, type TensorStore } from './constants.ts';

/** Operations of a span whose own call sites are kept; from then on one for each batch is. */
const EXACT_SITES = 32;

/** An operation that failed after its call had returned. */
export interface Failure {
  readonly error: MlxRouterError;
  /** Whether it was thrown by the use of a poisoned tensor. */
  seen: boolean;
}

/** What a span needs of those who send. */
export interface Sender {
  readonly store: TensorStore;
  /** The worker that holds the tensor; null: none now. */
  holderOf(handle: Handle): PythonWorker | null;
  /** Sends what is recorded, to every worker. */
  sendAll(): void;
  wait(call: Call): void;
  promise(call: Call): Promise<void>;
  /** Makes again what a worker that exited has not answered. */
  finish(exited: PythonWorker): void;
  finishAsync(exited: PythonWorker): Promise<void>;
}

/** The calls without waiting of one `mx.pipeline`, or of all that belong to none. */
export class Span implements Deferral {
  /** How many more calls keep a call site of their own. */
  exactSites: number;
  /** Where its last call went. */
  worker: PythonWorker | null = null;
  readonly #standing: boolean;
  #isAbandoned = false;
  readonly #sender: Sender;
  readonly #calls = new Set<Call>();
  /** Workers that exited before they answered. */
  readonly #unfinished = new Set<PythonWorker>();
  /** null: there are none, or none any more. */
  #constants: Constants | null;
  #failures: Failure[] = [];
  #failed = 0;

  constructor(sender: Sender, { standing, everySite }: DeferralOptions) {
    this.#sender = sender;
    this.#standing = standing;
    // Of a span that never ends they would never be freed.
    this.#constants = standing ? null : new Constants(sender.store);
    this.exactSites = everySite ? Number.POSITIVE_INFINITY : EXACT_SITES;
  }

  /** Whether the outcome of its calls will be read. */
  get isAwaited(): boolean {
    return !this.#standing && !this.#isAbandoned;
  }

  /** A batch with operations of this span is on its way. */
  sent(call: Call): void {
    this.#calls.add(call);
  }

  answered(call: Call): void {
    this.#calls.delete(call);
  }

  /** Its answer went with the worker. */
  addUnfinished(worker: PythonWorker): void {
    this.#unfinished.add(worker);
  }

  constant(scalar: Scalar, beside: Handle): Handle | null {
    const holder = this.#constants === null ? null : this.#sender.holderOf(beside);
    return holder === null ? null : (this.#constants?.get(scalar, holder) ?? null);
  }

  /** `failed` operations have failed, these of them are known closer. */
  fail(failures: readonly Failure[], failed: number): void {
    if (this.#standing) {
      warnUnlessSeen(failures);
      return;
    }
    this.#failed += failed;
    // The first is thrown, the others are counted; but one that was thrown before is not thrown again.
    if (this.#failures.length < 1024) this.#failures.push(...failures);
  }

  settle(): void {
    this.#dropConstants();
    this.#sender.sendAll();
    for (const call of this.#calls) this.#sender.wait(call);
    for (const worker of this.#unfinished) this.#sender.finish(worker);
    this.#unfinished.clear();
    this.#throw();
  }

  async settleAsync(): Promise<void> {
    this.#dropConstants();
    this.#sender.sendAll();
    await Promise.all([...this.#calls].map((call) => this.#sender.promise(call)));
    for (const worker of this.#unfinished) await this.#sender.finishAsync(worker);
    this.#unfinished.clear();
    this.#throw();
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#dropConstants();
    this.#sender.sendAll();
  }

  #dropConstants(): void {
    this.#constants?.clear();
    this.#constants = null;
  }

  #throw(): void {
    const failures = this.#failures;
    const others = this.#failed - 1;
    this.#failures = [];
    this.#failed = 0;
    const first = failures.find(({ seen }) => !seen);
    if (first === undefined) return;
    first.seen = true;
    const { error } = first;
    if (others > 0) {
      error.message += ` (and ${others} more ${others === 1 ? 'operation' : 'operations'} of the pipeline failed)`;
    }
    throw error;
  }
}

/** The standing span is never settled: what was not thrown by the next turn is reported as a warning. */
function warnUnlessSeen(failures: readonly Failure[]): void {
  setImmediate(() => {
    const unseen = failures.find(({ seen }) => !seen);
    if (unseen === undefined) return;
    unseen.seen = true;
    process.emitWarning(`${unseen.error.message}; nobody has read the result so far`, 'MlxRouterWarning');
  }).unref();
}
