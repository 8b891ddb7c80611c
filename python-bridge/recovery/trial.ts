import { WorkerDiedError, WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import type { Death, DeathCause } from '../io-thread/messages.ts';
import { deathBehind, describeDeath, type Fate, withStderr } from '../requests/failures.ts';

/** A call that has ended that many workers is not tried again. */
export const MOST_DEATHS = 2;
/** Deaths of others' making that one call lives through. */
const MOST_TRIES = 8;

/** After these the same would happen again, or nobody wants it. */
const FINAL: ReadonlySet<DeathCause> = new Set<DeathCause>(['spawn', 'protocol', 'stopped']);

/** Whether what met that death is not to be tried again in any case. */
export function isFinal(error: unknown, { death }: Fate): boolean {
  return error instanceof WorkerTimeoutError || FINAL.has(death.cause);
}

/** The attempts at one request, whose worker may die of something else. */
export class Trial {
  #deaths = 0;
  #tries = 0;

  /** Returns if the request deserves another attempt; otherwise throws. */
  again(error: unknown): void {
    const fate = deathBehind(error);
    if (fate === undefined || isFinal(error, fate)) throw error;
    this.#tries += 1;
    if (fate.suspect) this.#deaths += 1;
    if (this.#deaths >= MOST_DEATHS) throw quarantined(error as WorkerDiedError, fate.death);
    if (this.#tries >= MOST_TRIES) throw error;
  }
}

function quarantined(cause: WorkerDiedError, death: Death): WorkerDiedError {
  const { operation, implementation } = cause;
  const last = withStderr(describeDeath(death), death);
  return new WorkerDiedError(`${MOST_DEATHS} Python workers died of this call, so it is not tried again; ${last}`, {
    operation,
    implementation,
    cause,
  });
}
