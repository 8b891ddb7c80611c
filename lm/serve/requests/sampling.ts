import type { GenerateOptions } from '../../generation/options.ts';
import { wrongField } from '../errors.ts';
import { type Fields, isObject } from './fields.ts';

const MOST_STOPS = 16;

function stopsOf(body: Fields): readonly string[] {
  const value = body.get('stop');
  const stops = typeof value === 'string' ? [value] : (value ?? []);
  const isText = (text: unknown) => typeof text === 'string' && text !== '';
  if (Array.isArray(stops) && stops.length <= MOST_STOPS && stops.every(isText)) return stops;
  throw body.wrong('stop', `a string, or a list of up to ${MOST_STOPS} strings, none of them empty,`);
}

function biasOf(body: Fields, vocabulary: number): GenerateOptions['logitBias'] {
  const value = body.get('logit_bias');
  if (value === undefined) return undefined;
  if (!isObject(value)) throw body.wrong('logit_bias', 'an object of numbers by token');
  const entries = Object.entries(value);
  for (const [token, bias] of entries) {
    const isToken = /^\d{1,9}$/.test(token) && Number(token) < vocabulary;
    if (isToken && typeof bias === 'number' && bias >= -100 && bias <= 100) continue;
    throw wrongField('logit_bias', `expected tokens from 0 to ${vocabulary - 1} with numbers from -100 to 100`);
  }
  return entries.length === 0 ? undefined : (value as Readonly<Record<number, number>>);
}

/** The fields that all kinds of requests have in common, and those of mlx_lm's server. */
export function samplingOf(body: Fields, vocabulary: number): GenerateOptions {
  body.refuse('n', 'only one answer at a time is given', (value) => value === 1);
  const topP = body.number('top_p', 0, 1);
  const given = body.number('temperature', 0, 100) ?? 0;
  // The smallest set of tokens that has probability 0 is the most probable token; to the samplers 0 means all.
  const temperature = topP === 0 ? 0 : given;
  const seed = body.count('seed', 0, Number.MAX_SAFE_INTEGER);
  return {
    temperature,
    topP,
    topK: body.count('top_k', 0, vocabulary - 1),
    minP: body.number('min_p', 0, 1),
    // Where nothing is drawn a seed would only disturb other answers.
    seed: temperature === 0 ? undefined : seed,
    presencePenalty: body.number('presence_penalty', -2, 2),
    frequencyPenalty: body.number('frequency_penalty', -2, 2),
    repetitionPenalty: body.number('repetition_penalty', 0, 100),
    logitBias: biasOf(body, vocabulary),
    stop: stopsOf(body),
  };
}

/** Whether the answer is to come as events, and whether these end with the usage. */
export function streamingOf(body: Fields): { readonly stream: boolean; readonly includeUsage: boolean } {
  const stream = body.boolean('stream') ?? false;
  const options = body.fields('stream_options');
  if (options !== undefined && !stream) {
    throw wrongField('stream_options', '"stream_options" is only for requests with "stream": true');
  }
  return { stream, includeUsage: options?.boolean('include_usage') ?? false };
}
