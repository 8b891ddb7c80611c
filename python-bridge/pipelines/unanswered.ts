import { TensorLostError } from '../../foundation/errors/errors.ts';
import type { Journal } from '../recovery/journal.ts';
import type { Lineage } from '../recovery/lineage.ts';
import { howOf, Lost, type Origin, Step } from '../recovery/origin.ts';
import type { Recovery } from '../recovery/recovery.ts';
import { isFinal } from '../recovery/trial.ts';
import { exitBehind } from '../requests/failures.ts';
import type { Batch } from './batch.ts';
import type { Failure } from './span.ts';

/** Whether the answer that came in place of a batch's is of no interest: its worker exited, and the calls are made again. */
export function isMadeAgain(batch: Batch, error: unknown, lineage: Lineage, recovery: Recovery): boolean {
  const report = exitBehind(error);
  const { journal, roots } = lineage;
  if (!lineage.enabled || report === undefined || isFinal(error, report)) return false;
  const spans = [...batch.spans].filter(({ isAwaited }) => isAwaited);
  if (report.suspect) suspect(batch, journal);
  if (spans.length === 0) return true;
  const results: { readonly origin: Origin; readonly record: number }[] = [];
  for (const [record, node] of batch.nodes.entries()) {
    if (node === 0) continue;
    const origin = journal.originAt(node);
    origin.holders += 1;
    roots.add(origin);
    results.push({ origin, record });
  }
  for (const span of spans) span.addUnfinished(batch.worker);
  recovery.unanswered(batch.worker, {
    origins: results.map(({ origin }) => origin),
    done: () => {
      // What depends on a failure has the same one.
      const reported = new Set<Failure | string>();
      for (const { origin, record } of results) {
        const { how } = origin;
        const what = how instanceof Lost ? (how.failure ?? how.reason) : undefined;
        if (how instanceof Lost && what !== undefined && !reported.has(what)) {
          reported.add(what);
          batch.spanOf(record)?.fail([failureOf(how)], 1);
        }
        roots.delete(origin);
        lineage.release(origin);
      }
    },
  });
  return true;
}

/** The worker was at one of these calls when it exited. */
function suspect(batch: Batch, journal: Journal): void {
  for (const node of batch.nodes) {
    const how = node === 0 ? null : howOf(journal.originAt(node));
    if (how instanceof Step) how.exits += 1;
  }
}

/** Why a call of a pipeline gave nothing. */
function failureOf({ reason, failure }: Lost): Failure {
  return failure ?? { error: new TensorLostError(`a call died with its worker: ${reason}`), seen: false };
}
