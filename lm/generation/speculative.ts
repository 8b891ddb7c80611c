import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { Caches, KeyValueCache } from '../cache/cache.ts';
import { canTrimPromptCache, trimPromptCache } from '../cache/make-cache.ts';
import { RotatingKVCache } from '../cache/rotating-kv-cache.ts';
import type { CausalModel } from '../models/model.ts';
import { checkCount } from './checks.ts';
import { arraysOf, prefillPart, type Step, type StepOptions } from './steps.ts';

export interface SpeculativeOptions extends Omit<StepOptions, 'onPrefill'> {
  /** A smaller model with the same tokens. */
  readonly draftModel: CausalModel;
  readonly draftCache: Caches;
  /** Tokens before the prompt that it has not seen. Default: none. */
  readonly draftMissing?: readonly number[] | undefined;
  /** How many tokens it guesses at a time. Default: 2. */
  readonly draftTokens?: number | undefined;
}

export interface SpeculativeStep extends Step {
  /** Whether the draft model had guessed it. */
  readonly fromDraft: boolean;
}

/** A model with its caches. */
interface Side {
  readonly model: CausalModel;
  readonly cache: Caches;
}

/**
 * The tokens that follow the prompt, as `generateSteps` gives them: a small model guesses some, and one computation of
 * the large one tells how many of them are right (https://arxiv.org/abs/2211.17192, of which this, as mlx_lm, takes
 * a guess only where it is the token that the large model draws). At the end the caches lack
 * the last token; those of the draft model may lack one more.
 * @throws ArgumentError for caches whose last positions cannot be taken away, now or before the end
 */
export async function* speculativeSteps(
  model: CausalModel,
  prompt: readonly number[],
  options: SpeculativeOptions,
): AsyncGenerator<SpeculativeStep, void, undefined> {
  const { maxTokens, signal, cache, draftCache } = options;
  const most = checkCount('draftTokens', options.draftTokens ?? 2, 1);
  if (!canTrimPromptCache(cache) || !canTrimPromptCache(draftCache)) {
    throw new ArgumentError(
      'expected caches whose last positions can be taken away, as those of a limited size cannot',
    );
  }
  for (const one of [...cache, ...draftCache]) checkRoom(one, prompt.length + maxTokens + most);
  const large: Side = { model, cache };
  const draft: Side = { model: options.draftModel, cache: draftCache };
  await prefillAll(draft, [...(options.draftMissing ?? []), ...prompt], options);
  await prefillAll(large, prompt, options);
  const history = options.processors.length > 0 ? [...prompt] : undefined;
  let inputs = prompt.slice(-1);
  let draftInputs = inputs;
  for (let count = 0; count < maxTokens; ) {
    signal?.throwIfAborted();
    const guesses = Math.min(maxTokens - count, most);
    const round = await guessAndCheck(large, draft, inputs, draftInputs, guesses, options, history);
    let accepted = 0;
    try {
      for (; accepted < guesses && round.tokens[accepted] === round.guessed[accepted]; accepted++) {
        count += 1;
        const token = round.tokens[accepted] as number;
        history?.push(token);
        yield { token, logprobs: round.logprobs[accepted] as mx.Array, fromDraft: true };
        if (count === maxTokens) return;
      }
      const token = round.tokens[accepted] as number;
      count += 1;
      history?.push(token);
      yield { token, logprobs: round.logprobs[accepted] as mx.Array, fromDraft: false };
      inputs = [token];
      // The last guess has not been through the draft model, where all of them were right.
      draftInputs = accepted === guesses ? [round.guessed[guesses - 1] as number, token] : inputs;
    } finally {
      for (const array of round.logprobs) array.dispose();
      trimPromptCache(cache, guesses - accepted);
      trimPromptCache(draftCache, Math.max(guesses - accepted - 1, 0));
    }
  }
}

/** Guesses cannot be taken back once they are written over older positions. */
function checkRoom(cache: KeyValueCache, positions: number): void {
  if (!(cache instanceof RotatingKVCache) || cache.offset + positions <= cache.maxSize) return;
  throw new ArgumentError(
    `expected at most ${cache.maxSize} positions of prompt, answer and guesses with a draft model, as a cache of a ` +
      `limited size keeps, received ${cache.offset + positions}; give a smaller "maxTokens"`,
  );
}

interface Round {
  readonly guessed: readonly number[];
  /** What the large model draws behind the tokens before, and behind each guess. */
  readonly tokens: readonly number[];
  readonly logprobs: readonly mx.Array[];
}

async function prefillAll(side: Side, prompt: readonly number[], options: SpeculativeOptions): Promise<void> {
  const { prefillStepSize, signal, afterForward } = options;
  const last = prompt.length - 1;
  for (let done = 0; done < last; done += prefillStepSize) {
    signal?.throwIfAborted();
    const part = prompt.slice(done, Math.min(done + prefillStepSize, last));
    await prefillPart(side.model, part, { cache: side.cache, afterForward });
  }
}

/** All of one round is one graph: guesses go into the large model without having been read. */
async function guessAndCheck(
  large: Side,
  draft: Side,
  inputs: readonly number[],
  draftInputs: readonly number[],
  guesses: number,
  options: SpeculativeOptions,
  history: readonly number[] | undefined,
): Promise<Round> {
  const [guessed, tokens, ...rest] = mx.tidy(() => {
    const seen = history === undefined ? undefined : mx.array([...history], mx.int32);
    const drawn: mx.Array[] = [];
    let input = mx.array([...draftInputs], mx.int32);
    for (let i = 0; i < guesses; i++) {
      const [token] = compute(draft, input, 1, options, seen && mx.concatenate([seen, ...drawn]));
      input = token.astype(mx.int32);
      drawn.push(input);
    }
    const all = mx.concatenate([mx.array([...inputs], mx.int32), ...drawn]);
    const context = seen && mx.concatenate([seen, ...drawn]);
    const [checked, logprobs] = compute(large, all, guesses + 1, options, context);
    const rows = Array.from({ length: guesses + 1 }, (_, index) => logprobs.index(index));
    return [mx.concatenate(drawn), checked, ...rows, ...arraysOf(large.cache), ...arraysOf(draft.cache)];
  }) as [mx.Array, mx.Array, ...mx.Array[]];
  const logprobs = rest.slice(0, guesses + 1);
  try {
    await mx.asyncEval(guessed, tokens, ...logprobs);
    return { guessed: guessed.tolist() as number[], tokens: tokens.tolist() as number[], logprobs };
  } finally {
    guessed.dispose();
    tokens.dispose();
  }
}

/**
 * Draws the tokens behind the last `count` inputs: `[count]`, with the logarithms of probabilities `[count, vocabulary]`.
 * @param seen all tokens up to the last input, for processors
 */
function compute(
  { model, cache }: Side,
  inputs: mx.Array,
  count: number,
  { sampler, processors, afterForward }: SpeculativeOptions,
  seen: mx.Array | undefined,
): [mx.Array, mx.Array] {
  const all = model.forward(inputs.index(null), cache);
  afterForward?.(cache);
  const logits = all.index(0, new mx.Slice(-count));
  if (seen === undefined) {
    const normal = normalized(logits);
    return [sampler(normal), normal];
  }
  const length = seen.shape[0] as number;
  const rows = Array.from({ length: count }, (_, index) => {
    const context = seen.index(new mx.Slice(0, length - count + 1 + index));
    const scores = logits.index(new mx.Slice(index, index + 1));
    const normal = normalized(processors.reduce((changed, process) => process(context, changed), scores));
    return [sampler(normal), normal] as const;
  });
  return [mx.concatenate(rows.map(([token]) => token)), mx.concatenate(rows.map(([, normal]) => normal))];
}

function normalized(logits: mx.Array): mx.Array {
  return logits.subtract(mx.logsumexp(logits, { axis: -1, keepdims: true }));
}
