import { WorkerDiedError, WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import type { ExitCause, WorkerExit } from '../io-thread/messages.ts';
import { describeExit, type ExitReport, exitBehind, withStderr } from '../requests/failures.ts';

/** A call that has ended that many workers is not tried again. */
export const MOST_EXITS = 2;
/** Exits with another cause that one call survives. */
const MOST_TRIES = 8;

/** After these the same would happen again, or it is not needed. */
const FINAL: ReadonlySet<ExitCause> = new Set<ExitCause>(['spawn', 'protocol', 'stopped']);

/** Whether what failed by that exit is not to be tried again in any case. */
export function isFinal(error: unknown, { exit }: ExitReport): boolean {
  return error instanceof WorkerTimeoutError || FINAL.has(exit.cause);
}

/** The attempts at one request, whose worker may exit for another reason. */
export class Trial {
  #exits = 0;
  #tries = 0;

  /** Returns if the request deserves another attempt; otherwise throws. */
  again(error: unknown): void {
    const report = exitBehind(error);
    if (report === undefined || isFinal(error, report)) throw error;
    this.#tries += 1;
    if (report.suspect) this.#exits += 1;
    if (this.#exits >= MOST_EXITS) throw quarantined(error as WorkerDiedError, report.exit);
    if (this.#tries >= MOST_TRIES) throw error;
  }
}

function quarantined(cause: WorkerDiedError, exit: WorkerExit): WorkerDiedError {
  const { operation, implementation } = cause;
  const last = withStderr(describeExit(exit), exit);
  return new WorkerDiedError(`${MOST_EXITS} Python workers died of this call, so it is not tried again; ${last}`, {
    operation,
    implementation,
    cause,
  });
}
