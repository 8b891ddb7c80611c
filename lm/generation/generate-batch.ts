import { ArgumentError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import type { Engine } from '../engines/engine.ts';
import { NativeEngine } from '../engines/native-engine.ts';
import { tokenStep } from '../engines/token-step.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { BatchGenerator } from './batch.ts';
import { type GenerateOptions, readGenerateOptions } from './options.ts';
import { makeLogitsProcessors } from './processors.ts';
import type { ResponseSplitter } from './response.ts';
import { makeSampler } from './samplers.ts';
import { type Answer, joined, type Segment, SegmentWriter, Watch } from './segments.ts';

/** What one answer alone has, and several at once have not. */
const ALONE = [
  'cache',
  'draftModel',
  'numDraftTokens',
  'maxKvSize',
  'kvBits',
  'kvGroupSize',
  'quantizedKvStart',
] as const;

export interface BatchGenerateOptions
  extends Omit<GenerateOptions, (typeof ALONE)[number] | 'maxTokens' | 'onPrefill'> {
  /** At most so many tokens of each answer, or of each its own number. */
  readonly maxTokens?: number | readonly number[] | undefined;
  /** How many answers are computed at a time at most; others wait. Default: 32. */
  readonly maxBatch?: number | undefined;
}

interface Prepared {
  readonly tokens: readonly number[];
  readonly splitter?: ResponseSplitter | undefined;
}

interface Row {
  readonly prompt: number;
  readonly watch: Watch;
  readonly writer: SegmentWriter;
  readonly segments: Segment[];
}

const OPERATION = 'lm.generateBatch';

/** How many tokens each answer may have. */
function limits(maxTokens: number | readonly number[] | undefined, count: number): (number | undefined)[] {
  if (!Array.isArray(maxTokens)) return Array.from({ length: count }, () => maxTokens as number | undefined);
  if (maxTokens.length === count) return [...maxTokens];
  throw new ArgumentError(`expected one "maxTokens" for each of ${count} prompts, received ${maxTokens.length}`, {
    operation: OPERATION,
  });
}

/** @throws ArgumentError for no list, and an empty one */
export function checkPrompts(prompts: unknown): void {
  if (Array.isArray(prompts) && prompts.length > 0) return;
  const received = Array.isArray(prompts) ? 'an empty one' : describeValue(prompts);
  throw new ArgumentError(`expected a list of prompts, received ${received}`, { operation: OPERATION });
}

/** The answers to several prompts, computed together. */
export async function generateBatch(
  engine: Engine,
  tokenizer: Tokenizer,
  prompts: readonly Prepared[],
  { maxBatch, maxTokens, ...options }: BatchGenerateOptions,
): Promise<Answer[]> {
  const alone = ALONE.find((name) => name in options) ?? ('onPrefill' in options ? 'onPrefill' : undefined);
  if (alone !== undefined) throw new ArgumentError(`"${alone}" is of one answer alone`, { operation: OPERATION });
  if (!(engine instanceof NativeEngine)) {
    throw new UnsupportedOperationError('batches are computed by models that run natively; ask this one in turn', {
      operation: OPERATION,
      implementation: engine.implementation,
    });
  }
  const checked = limits(maxTokens, prompts.length).map((most) => readGenerateOptions({ ...options, maxTokens: most }));
  const [{ stop, signal, seed, logprobs: count, prefillStepSize }] = checked as [(typeof checked)[number]];
  const sampler = makeSampler(options);
  const processors = makeLogitsProcessors(options);
  signal?.throwIfAborted();
  if (seed !== undefined) mx.random.seed(seed);
  const generator = new BatchGenerator(engine.model, { maxBatch, prefillStepSize });
  const rows = new Map<number, Row>();
  const answers: Row[] = [];
  try {
    prompts.forEach(({ tokens, splitter }, index) => {
      const most = checked[index]?.maxTokens as number;
      const settings = { maxTokens: most, sampler, processors, stopTokens: tokenizer.eosTokenIds };
      const writer = new SegmentWriter({ tokenizer, stop, maxTokens: most, splitter });
      const row = { prompt: tokens.length, watch: new Watch(), writer, segments: [] };
      rows.set(generator.insert(tokens, settings), row);
      answers.push(row);
    });
    while (generator.size > 0) {
      for (const { uid, token, logprobs, error } of await generator.next()) {
        const row = rows.get(uid) as Row;
        if (token === undefined) throw error;
        row.watch.count();
        const segment = row.writer.write(tokenStep(token, logprobs as mx.Array, count));
        if (segment.finishReason === undefined) {
          row.segments.push(segment);
          continue;
        }
        row.segments.push({ ...segment, statistics: row.watch.read(engine, row.prompt, 0) });
        generator.remove(uid);
      }
      signal?.throwIfAborted();
    }
  } finally {
    generator.close();
  }
  return answers.map(({ segments }) => joined(segments));
}
