import { core as mx } from '../../mlx/index.ts';
import type { SequenceOptions } from './batch-options.ts';
import { checkCount } from './checks.ts';
import { greedySampler } from './samplers.ts';
import { type LogitsProcessor, type Sampler, SeenTokens } from './steps.ts';

/** One sequence of a batch. */
export interface Row {
  readonly uid: number;
  readonly sampler: Sampler;
  readonly processors: readonly LogitsProcessor[];
  readonly maxTokens: number;
  readonly stopTokens: ReadonlySet<number>;
  readonly signal: AbortSignal | undefined;
  readonly returnCache: boolean;
  readonly onPrefill: ((done: number, total: number) => void) | undefined;
  readonly seen: SeenTokens;
  /** How many tokens have been given. */
  count: number;
  /** What its sampler or one of its processors threw. */
  error?: unknown;
}

/** @throws ArgumentError unless `maxTokens` is a count */
export function makeRow(uid: number, options: SequenceOptions): Row {
  const { sampler = greedySampler, processors = [], stopTokens = [], returnCache = false, signal, onPrefill } = options;
  return {
    uid,
    sampler,
    processors,
    maxTokens: checkCount('maxTokens', options.maxTokens ?? 128, 1),
    stopTokens: new Set(stopTokens),
    signal,
    returnCache,
    onPrefill,
    seen: new SeenTokens(processors.length > 0),
    count: 0,
  };
}

/** One row of an array, `[1, …]`. */
const rowOf = (array: mx.Array, index: number): mx.Array => array.index(new mx.Slice(index, index + 1));

/** The scores `[B, vocabulary]` as the processors of each row change them. `contexts`: the tokens of each so far. */
export function processRows(
  rows: readonly Row[],
  logits: mx.Array,
  contexts: readonly (mx.Array | undefined)[],
): mx.Array {
  if (rows.every(({ processors }) => processors.length === 0)) return logits;
  const scores = rows.map((row, index) => {
    const own = rowOf(logits, index);
    const process = () =>
      row.processors.reduce((changed, processor) => processor(contexts[index] as mx.Array, changed), own);
    return guarded([row], process) ?? own;
  });
  return scores.length === 1 ? (scores[0] as mx.Array) : mx.concatenate(scores);
}

/** The token of each row, `[B]`: in one call where all rows have the same sampler. */
export function sampleRows(rows: readonly Row[], logprobs: mx.Array): mx.Array {
  const [{ sampler }] = rows as [Row];
  if (rows.every((row) => row.sampler === sampler)) return drawn(rows, sampler, logprobs);
  return mx.concatenate(rows.map((row, index) => drawn([row], row.sampler, rowOf(logprobs, index))));
}

/** What fails for these sequences must not end the others. */
function guarded(rows: readonly Row[], make: () => mx.Array): mx.Array | undefined {
  try {
    return make();
  } catch (error) {
    for (const row of rows) row.error ??= error;
    return undefined;
  }
}

function drawn(rows: readonly Row[], sampler: Sampler, logprobs: mx.Array): mx.Array {
  return guarded(rows, () => sampler(logprobs)) ?? greedySampler(logprobs);
}
