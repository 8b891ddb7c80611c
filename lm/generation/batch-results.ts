import { OperationError } from '../../foundation/errors/errors.ts';
import type { BatchGroup, GroupStep } from './batch-group.ts';
import type { BatchResult } from './batch-options.ts';
import type { Row } from './batch-row.ts';

export const failed = (uid: number, error: unknown): BatchResult => ({
  uid,
  token: undefined,
  logprobs: undefined,
  finishReason: 'error',
  error,
});

/** What a step came to for one of the sequences. */
export function resultOf(group: BatchGroup, index: number, { tokens, chosen, logprobs }: GroupStep): BatchResult {
  const row = group.rows[index] as Row;
  if (row.error !== undefined) return failed(row.uid, row.error);
  // A single score that is none makes all probabilities of the row none, and any token as good as any other.
  if (Number.isNaN(chosen[index])) {
    return failed(
      row.uid,
      new OperationError('the scores of the next token are no numbers', { operation: 'lm.batch' }),
    );
  }
  row.count += 1;
  const token = tokens[index] as number;
  const isLast = row.count >= row.maxTokens;
  const finishReason = row.stopTokens.has(token) ? 'stop' : isLast ? 'length' : undefined;
  const result = { uid: row.uid, token, logprobs: logprobs.index(index), finishReason } as const;
  return finishReason !== undefined && row.returnCache ? { ...result, cache: group.extract(index) } : result;
}
