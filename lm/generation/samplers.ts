import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { checkCount, checkNumber, checkTokens } from './checks.ts';
import type { Sampler } from './steps.ts';

export interface SamplerOptions {
  /** 0 (the default) takes the most likely token; more spreads over less likely ones. */
  readonly temperature?: number | undefined;
  /** The fewest tokens that have this probability together (https://arxiv.org/abs/1904.09751); 0 and 1: all. */
  readonly topP?: number | undefined;
  /** Tokens at least as likely as this part of the most likely one (https://arxiv.org/abs/2407.01082); 0: all. */
  readonly minP?: number | undefined;
  /** How many tokens `minP` leaves at least. Default: 1. */
  readonly minTokensToKeep?: number | undefined;
  /** The most likely tokens, this many; 0: all. */
  readonly topK?: number | undefined;
  /** How often all but the least likely of the tokens above `xtcThreshold` are left out. */
  readonly xtcProbability?: number | undefined;
  /** From 0 to 0.5. Default: 0.1. */
  readonly xtcThreshold?: number | undefined;
  /** Token indices that are never left out by it. */
  readonly xtcSpecialTokens?: readonly number[] | undefined;
}

// Each filter and the draw are compiled as mlx_lm compiles them, so that both round alike and draw the same tokens.
const state = { inputs: mx.random.state, outputs: mx.random.state };

const lastAxis = { axis: -1, keepdims: true };

/** The most likely token: `[…, vocabulary]` → `[…]`. */
export const greedySampler: Sampler = (logprobs) => mx.argmax(logprobs, { axis: -1 });

const applyTopP = mx.compile((logprobs: mx.Array, topP: number) => {
  const sorted = mx.sort(logprobs, -1);
  const probabilities = mx.exp(sorted.astype(mx.float32));
  const above = mx.cumsum(probabilities, -1, { reverse: true, inclusive: false });
  const first = new mx.Slice(undefined, 1);
  const total = above.index('...', first).add(probabilities.index('...', first));
  const dropped = above.greaterEqual(total.multiply(topP)).sum(lastAxis);
  const threshold = mx.takeAlongAxis(sorted, dropped, -1);
  return mx.where(logprobs.less(threshold), Number.NEGATIVE_INFINITY, logprobs);
}, state);

const applyMinP = mx.compile((logprobs: mx.Array, minP: number, least: number) => {
  const lowest = mx.max(logprobs, lastAxis).add(Math.log(minP));
  let removed = logprobs.less(lowest);
  if (least > 1) {
    const best = mx.argpartition(logprobs, -least, -1).index('...', new mx.Slice(-least));
    removed = mx.putAlongAxis(removed, best, mx.array(false), -1);
  }
  return mx.where(removed, Number.NEGATIVE_INFINITY, logprobs);
}, state);

const applyTopK = mx.compile((logprobs: mx.Array, topK: number) => {
  const others = mx.argpartition(logprobs.negative(), topK - 1, -1).index('...', new mx.Slice(topK));
  return mx.putAlongAxis(logprobs, others, mx.array(Number.NEGATIVE_INFINITY, logprobs.dtype), -1);
}, state);

const applyXtc = mx.compile(
  (logprobs: mx.Array, probability: number, threshold: number, special: readonly number[]) => {
    const probabilities = mx.softmax(logprobs, -1);
    const likely = mx.where(probabilities.greater(threshold), probabilities, Number.POSITIVE_INFINITY);
    let removed = probabilities.greater(mx.min(likely, lastAxis));
    if (special.length > 0) removed = mx.indexPut(removed, ['...', mx.array([...special], mx.int32)], false);
    const isKept = mx.random.uniform(0, 1).greater(probability);
    return mx.where(isKept, logprobs, mx.where(removed, Number.NEGATIVE_INFINITY, logprobs));
  },
  state,
);

const draw = mx.compile(
  (logprobs: mx.Array, temperature: number) => mx.random.categorical(logprobs.multiply(1 / temperature)),
  state,
);

/** @throws ArgumentError for a count of tokens, or a token, that the vocabulary does not have */
function checkVocabulary(logprobs: mx.Array, topK: number, least: number, special: readonly number[]): void {
  const size = logprobs.shape.at(-1) as number;
  if (topK >= size)
    throw new ArgumentError(`expected fewer than the ${size} tokens there are for "topK", received ${topK}`);
  if (least > size) {
    throw new ArgumentError(`expected at most the ${size} tokens there are for "minTokensToKeep", received ${least}`);
  }
  const unknown = special.find((token) => token >= size);
  if (unknown === undefined) return;
  throw new ArgumentError(`expected tokens below ${size} for "xtcSpecialTokens", received ${unknown}`);
}

/**
 * A function from logarithms of probabilities `[B, vocabulary]` to tokens `[B]`, as mlx_lm's `make_sampler`: the same
 * tokens after the same `mx.random.seed`. The filters are applied in the order topP, minP, XTC, topK.
 * @throws ArgumentError for an option out of its range; when it is called, for one that the vocabulary is too small for
 */
export function makeSampler(options: SamplerOptions = {}): Sampler {
  const temperature = checkNumber('temperature', options.temperature ?? 0, 0);
  const topP = checkNumber('topP', options.topP ?? 0, 0, 1);
  const minP = checkNumber('minP', options.minP ?? 0, 0, 1);
  const least = checkCount('minTokensToKeep', options.minTokensToKeep ?? 1, 1);
  const topK = checkCount('topK', options.topK ?? 0, 0);
  const probability = checkNumber('xtcProbability', options.xtcProbability ?? 0, 0, 1);
  const threshold = checkNumber('xtcThreshold', options.xtcThreshold ?? 0.1, 0, 0.5);
  const special = [...checkTokens('xtcSpecialTokens', options.xtcSpecialTokens ?? [])];
  if (temperature === 0) return greedySampler;
  return (logprobs) => {
    checkVocabulary(logprobs, topK, minP > 0 ? least : 1, probability > 0 ? special : []);
    let kept = logprobs;
    if (topP > 0 && topP < 1) kept = applyTopP(kept, topP);
    if (minP > 0) kept = applyMinP(kept, minP, least);
    if (probability > 0) kept = applyXtc(kept, probability, threshold, special);
    if (topK > 0) kept = applyTopK(kept, topK);
    return draw(kept, temperature);
  };
}
