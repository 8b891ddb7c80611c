import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { golden, optionsHere } from '../test-support/golden.ts';
import { makeLogitsProcessors } from './processors.ts';
import { makeSampler, type SamplerOptions } from './samplers.ts';

afterAll(() => shutdown());

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe('makeSampler', () => {
  const logits = mx.random.normal([2, 100], { key: mx.random.key(7) }).multiply(1.5);
  const logprobs = logits.subtract(mx.logsumexp(logits, { axis: -1, keepdims: true }));

  it.each(golden.samplers as { options: SamplerOptions; tokens: number[][] }[])(
    'draws what mlx_lm draws: $options',
    ({ options, tokens }) => {
      mx.random.seed(11);
      const sampler = makeSampler(optionsHere(options as Record<string, unknown>));
      expect(tokens.map(() => mx.tidy(() => sampler(logprobs)).tolist())).toEqual(tokens);
    },
  );

  it('draws only from the most likely tokens', () => {
    const two = mx.log(mx.array([[0.5, 0.3, 0.1, 0.1]]));
    for (const options of [{ topK: 2 }, { topP: 0.7 }, { minP: 0.5 }]) {
      const sampler = makeSampler({ temperature: 5, ...options });
      const drawn = new Set(Array.from({ length: 40 }, () => Number(sampler(two).item())));
      expect([...drawn].sort()).toEqual([0, 1]);
    }
  });

  it.each([
    { temperature: -1 },
    { temperature: nan },
    { temperature: infinity },
    { topP: 1.5 },
    { topP: '0.9' },
    { minP: -0.1 },
    { minTokensToKeep: 0 },
    { minTokensToKeep: 1.5 },
    { topK: -1 },
    { topK: 2 ** 60 },
    { xtcProbability: 2 },
    { xtcThreshold: 0.6 },
    { xtcSpecialTokens: [1, -1] },
    { xtcSpecialTokens: 5 },
  ])('refuses %j', (options) => {
    expect(() => makeSampler(options as SamplerOptions)).toThrow(ArgumentError);
    expect(() => makeSampler(options as SamplerOptions)).toThrow(`"${Object.keys(options)[0]}`.slice(0, 5));
  });

  it.each([{ topK: 100 }, { minP: 0.1, minTokensToKeep: 101 }, { xtcProbability: 0.5, xtcSpecialTokens: [100] }])(
    'refuses %j for a vocabulary of 100 tokens',
    (options) => {
      expect(() => makeSampler({ temperature: 1, ...options })(logprobs)).toThrow(ArgumentError);
    },
  );
});

describe('makeLogitsProcessors', () => {
  const tokens = mx.array([1, 2, 2, 9, 4, 2, 5], mx.int32);
  const scores = mx.random.normal([1, 12], { key: mx.random.key(5) });
  const processed = (options: object) =>
    makeLogitsProcessors(options).reduce((logits, process) => process(tokens, logits), scores);

  it.each(golden.processors as { options: Record<string, unknown>; logits: number[] }[])(
    'gives the scores of mlx_lm: $options',
    ({ options, logits }) => {
      expect(processed(optionsHere(options)).tolist()).toEqual([logits]);
    },
  );

  it('takes a Map of biases, and forbids tokens', () => {
    const biased = processed({ logitBias: new Map([[3, Number.NEGATIVE_INFINITY]]) });
    expect(biased.index(0, 3).item()).toBe(Number.NEGATIVE_INFINITY);
  });

  it('has none where nothing is asked for, and leaves scores before the first token', () => {
    expect(makeLogitsProcessors({ logitBias: {}, presencePenalty: 0 })).toEqual([]);
    const [process] = makeLogitsProcessors({ repetitionPenalty: 2 });
    expect(process?.(mx.array([], mx.int32), scores)).toBe(scores);
  });

  it('counts all tokens for a context of 0', () => {
    const all = processed({ presencePenalty: 1, presenceContextSize: 0 });
    expect(all.tolist()).toEqual(processed({ presencePenalty: 1, presenceContextSize: 7 }).tolist());
  });

  it.each([
    { logitBias: { '-1': 1 } },
    { logitBias: { one: 1 } },
    { logitBias: { 1: nan } },
    { logitBias: { 1: infinity } },
    { logitBias: 7 },
    { repetitionPenalty: -1 },
    { repetitionPenalty: nan },
    { repetitionContextSize: -1 },
    { presencePenalty: infinity },
    { presenceContextSize: 2.5 },
    { frequencyPenalty: '1' },
  ])('refuses %o', (options) => {
    expect(() => makeLogitsProcessors(options as object)).toThrow(ArgumentError);
  });

  it('refuses a bias of a token that there is not', () => {
    expect(() => processed({ logitBias: { 12: 1 } })).toThrow(ArgumentError);
  });
});
