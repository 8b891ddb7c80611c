import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import type { PromptCache } from '../engines/engine.ts';
import type { SampleOptions } from '../engines/options.ts';
import type { LanguageModel } from '../language-model.ts';
import { checkCount } from './checks.ts';

type Optional<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

export interface GenerateOptions extends Optional<Omit<SampleOptions, 'draft'>> {
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: string | readonly string[] | undefined;
  /** What the model has seen before the prompt; it is extended. By default the prompt stands alone. */
  readonly cache?: PromptCache | undefined;
  /** How many positions the model keeps at most, if it makes a cache of its own for the answer. */
  readonly maxKvSize?: number | undefined;
  /**
   * A smaller model with the same tokens, which guesses the next ones: this model computes them at once and takes those
   * that are right (https://arxiv.org/abs/2211.17192). The answer is the same, and comes sooner if most are.
   */
  readonly draftModel?: LanguageModel | undefined;
  /** How many tokens the draft model guesses at a time. Default: 2. */
  readonly numDraftTokens?: number | undefined;
  /** Tools that the chat template tells the model of, if the prompt is a chat. */
  readonly tools?: readonly object[] | undefined;
}

export interface CheckedOptions extends Omit<SampleOptions, 'draft'> {
  readonly stop: readonly string[];
  readonly cache: PromptCache | undefined;
  readonly maxKvSize: number | undefined;
  readonly draftModel: LanguageModel | undefined;
  readonly numDraftTokens: number;
}

const OPERATION = 'lm.generate';

const NAMES: readonly (keyof GenerateOptions)[] = [
  ...(['maxTokens', 'temperature', 'topP', 'minP', 'minTokensToKeep', 'topK'] as const),
  ...(['xtcProbability', 'xtcThreshold', 'xtcSpecialTokens', 'logitBias'] as const),
  ...(['repetitionPenalty', 'repetitionContextSize', 'presencePenalty', 'presenceContextSize'] as const),
  ...(['frequencyPenalty', 'frequencyContextSize', 'seed', 'logprobs', 'prefillStepSize'] as const),
  ...(['kvBits', 'kvGroupSize', 'quantizedKvStart', 'maxKvSize'] as const),
  ...(['signal', 'onPrefill', 'stop', 'cache', 'tools', 'draftModel', 'numDraftTokens'] as const),
];

function stopTexts(stop: unknown): readonly string[] {
  const texts: unknown = typeof stop === 'string' ? [stop] : (stop ?? []);
  if (Array.isArray(texts) && texts.every((text) => typeof text === 'string' && text !== '')) return texts;
  throw new ArgumentError(
    `expected a text, or a list of texts, none empty, for "stop", received ${describeValue(stop)}`,
    {
      operation: OPERATION,
    },
  );
}

const isModel = (value: unknown) => typeof value === 'object' && value !== null && 'tokenizer' in value;

/**
 * The options with mlx_lm's defaults. What only samplers and processors read, they check.
 * @throws ArgumentError that names the option
 */
export function readGenerateOptions(options: GenerateOptions): CheckedOptions {
  const given = checkedOptions<GenerateOptions>(options, NAMES, OPERATION);
  const { signal, onPrefill, cache, logprobs, seed, draftModel } = given;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ArgumentError(`expected an AbortSignal for "signal", received ${describeValue(signal)}`, {
      operation: OPERATION,
    });
  }
  if (onPrefill !== undefined && typeof onPrefill !== 'function') {
    throw new ArgumentError(`expected a function for "onPrefill", received ${describeValue(onPrefill)}`, {
      operation: OPERATION,
    });
  }
  if (draftModel !== undefined && !isModel(draftModel)) {
    throw new ArgumentError(`expected a model of lm.load for "draftModel", received ${describeValue(draftModel)}`, {
      operation: OPERATION,
    });
  }
  if (draftModel === undefined && given.numDraftTokens !== undefined) {
    throw new ArgumentError('"numDraftTokens" is of a draft model: give "draftModel", too', { operation: OPERATION });
  }
  if (logprobs !== undefined) checkCount('logprobs', logprobs, 0);
  if (seed !== undefined) checkCount('seed', seed, 0);
  return {
    ...given,
    stop: stopTexts(given.stop),
    cache,
    maxKvSize: given.maxKvSize,
    draftModel,
    numDraftTokens: checkCount('numDraftTokens', given.numDraftTokens ?? 2, 1),
    maxTokens: checkCount('maxTokens', given.maxTokens ?? 256, 1),
    prefillStepSize: checkCount('prefillStepSize', given.prefillStepSize ?? 2048, 1),
  };
}
