import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { checkCount, checkNumber, checkTokens, wrong } from './checks.ts';
import type { LogitsProcessor } from './steps.ts';

export interface LogitsProcessorOptions {
  /** What is added to the scores of tokens, by token index. */
  readonly logitBias?: Readonly<Record<number, number>> | ReadonlyMap<number, number> | undefined;
  /** Scores of tokens that were there are divided by it, or multiplied if they are negative (https://arxiv.org/abs/1909.05858). */
  readonly repetitionPenalty?: number | undefined;
  /** How many of the last tokens count. Default: 20; 0: all. */
  readonly repetitionContextSize?: number | undefined;
  /** Subtracted from the score of each token that was there. */
  readonly presencePenalty?: number | undefined;
  readonly presenceContextSize?: number | undefined;
  /** Subtracted from the score of each token as often as it was there. */
  readonly frequencyPenalty?: number | undefined;
  readonly frequencyContextSize?: number | undefined;
}

const every = new mx.Slice();

function logitBias(given: NonNullable<LogitsProcessorOptions['logitBias']>): LogitsProcessor | undefined {
  if (typeof given !== 'object') throw wrong('logitBias', 'numbers by token index', given);
  const entries = given instanceof Map ? [...given] : Object.entries(given).map(([key, bias]) => [Number(key), bias]);
  if (entries.length === 0) return undefined;
  const tokens = checkTokens(
    'logitBias',
    entries.map(([token]) => token),
  );
  const biases = entries.map(([token, bias]) => {
    // A token may be forbidden altogether.
    if (bias === Number.NEGATIVE_INFINITY) return bias;
    return checkNumber(`logitBias[${token}]`, bias, -Number.MAX_VALUE);
  });
  const largest = tokens.reduce((most, token) => Math.max(most, token));
  const indices = mx.array([...tokens], mx.int32);
  const values = mx.array(biases);
  return (_tokens, logits) => {
    const size = logits.shape.at(-1) as number;
    if (largest >= size) throw new ArgumentError(`expected tokens below ${size} in "logitBias", received ${largest}`);
    return logits.at(every, indices).add(values);
  };
}

/** @param change takes the last tokens and all scores */
function ofLast(contextSize: number, change: LogitsProcessor): LogitsProcessor {
  return (tokens, logits) => {
    const length = tokens.shape[0] as number;
    if (length === 0) return logits;
    // Python's tokens[-0:] is all of them, too.
    const isShorter = contextSize > 0 && contextSize < length;
    return change(isShorter ? tokens.index(new mx.Slice(length - contextSize)) : tokens, logits);
  };
}

const repetition =
  (penalty: number): LogitsProcessor =>
  (tokens, logits) => {
    const selected = logits.index(every, tokens);
    const changed = mx.where(selected.less(0), selected.multiply(penalty), selected.divide(penalty));
    return mx.indexPut(logits, [every, tokens], changed);
  };

const presence =
  (penalty: number): LogitsProcessor =>
  (tokens, logits) =>
    mx.indexPut(logits, [every, tokens], logits.index(every, tokens).subtract(penalty));

const frequency =
  (penalty: number): LogitsProcessor =>
  (tokens, logits) =>
    logits.at(every, tokens).subtract(penalty);

/**
 * Functions that change scores before a token is drawn, in the order of the options, as mlx_lm's
 * `make_logits_processors`. A penalty of 0 is none.
 * @throws ArgumentError for an option out of its range; when it is called, for a bias of a token that there is not
 */
export function makeLogitsProcessors(options: LogitsProcessorOptions = {}): LogitsProcessor[] {
  const processors: LogitsProcessor[] = [];
  const bias = options.logitBias === undefined ? undefined : logitBias(options.logitBias);
  if (bias !== undefined) processors.push(bias);
  const penalties = [
    ['repetition', repetition, 0],
    ['presence', presence, -Number.MAX_VALUE],
    ['frequency', frequency, -Number.MAX_VALUE],
  ] as const;
  for (const [name, make, least] of penalties) {
    const penalty = checkNumber(`${name}Penalty`, options[`${name}Penalty`] ?? 0, least);
    const contextSize = checkCount(`${name}ContextSize`, options[`${name}ContextSize`] ?? 20, 0);
    if (penalty !== 0) processors.push(ofLast(contextSize, make(penalty)));
  }
  return processors;
}
