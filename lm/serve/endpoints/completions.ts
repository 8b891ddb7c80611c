import type { Segment } from '../../generation/segments.ts';
import { wrongField } from '../errors.ts';
import { cachedIn, type Exchange, usageOf } from '../exchange.ts';
import type { Fields } from '../requests/fields.ts';
import { samplingOf, streamingOf } from '../requests/sampling.ts';
import { completionLogprobsOf } from './logprobs.ts';
import { merged } from './merged.ts';

type TextOrTokens = string | readonly number[];

const isTokens = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((token) => Number.isSafeInteger(token) && token >= 0);

/** One text or list of tokens, or several of them. */
export function promptsOf(body: Fields, name: string, most: number): readonly TextOrTokens[] {
  const value = body.get(name);
  if (typeof value === 'string') return [value];
  if (isTokens(value)) return [value];
  const isAny = (item: unknown): item is TextOrTokens => typeof item === 'string' || isTokens(item);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isAny)) {
    throw body.wrong(name, 'a string, a list of tokens, or a list of either');
  }
  if (value.length > most) throw wrongField(name, `expected at most ${most} prompts at once, received ${value.length}`);
  return value;
}

/** `/v1/completions`. */
export async function completion(exchange: Exchange, body: Fields): Promise<object | undefined> {
  const { model, options } = exchange.service;
  body.refuse('echo', 'the prompt is not repeated', (value) => value === false);
  body.refuse('suffix', 'nothing can come after the answer', (value) => value === '');
  body.refuse('best_of', 'only one answer at a time is given', (value) => value === 1);
  const prompts = promptsOf(body, 'prompt', options.maxConcurrent + options.maxQueue);
  const { stream, includeUsage } = streamingOf(body);
  const logprobs = body.count('logprobs', 0, 20);
  const sampling = { ...samplingOf(body, exchange.service.vocabularySize), logprobs };
  const maxTokens = body.count('max_tokens', 1);
  // If one of them fails, the others are of no use.
  const failed = new AbortController();
  const { signal } = failed;
  exchange.signal.addEventListener('abort', () => failed.abort(exchange.signal.reason), { once: true });
  try {
    const answers = prompts.map((prompt) => exchange.answer(prompt, { param: 'prompt', maxTokens, sampling, signal }));
    const promptTokens = answers.reduce((sum, answer) => sum + answer.promptTokens, 0);
    const pieces = merged(
      answers.map(({ segments }) => segments),
      () => failed.abort(),
    );
    if (!stream) return await whole(exchange, prompts.length, promptTokens, pieces, logprobs !== undefined);

    const head = exchange.head('cmpl-', 'text_completion');
    return await exchange.events(pieces, async (events, parts) => {
      let count = 0;
      let cached = 0;
      const offsets = prompts.map(() => 0);
      for await (const [index, segment] of parts) {
        count++;
        cached += cachedIn([segment]);
        const { text, finishReason = null } = segment;
        const offset = offsets[index] as number;
        const probabilities = logprobs === undefined ? null : completionLogprobsOf(model.tokenizer, [segment], offset);
        offsets[index] = offset + (probabilities?.tokens[0]?.length ?? 0);
        if (text === '' && finishReason === null && probabilities === null) continue;
        const choice = { index, text, logprobs: probabilities, finish_reason: finishReason };
        await events.send({ ...head, choices: [choice], ...(includeUsage && { usage: null }) });
      }
      if (includeUsage) await events.send({ ...head, choices: [], usage: usageOf(promptTokens, count, cached) });
      await events.send('[DONE]');
    });
  } catch (error) {
    failed.abort();
    throw error;
  }
}

async function whole(
  exchange: Exchange,
  prompts: number,
  promptTokens: number,
  pieces: AsyncIterable<readonly [index: number, segment: Segment]>,
  wanted: boolean,
) {
  const { tokenizer } = exchange.service.model;
  const all = Array.from({ length: prompts }, (): Segment[] => []);
  let count = 0;
  for await (const [index, segment] of pieces) {
    count++;
    all[index]?.push(segment);
  }
  const choices = all.map((segments, index) => ({
    index,
    text: segments.map(({ text }) => text).join(''),
    logprobs: wanted ? completionLogprobsOf(tokenizer, segments, 0) : null,
    finish_reason: segments.at(-1)?.finishReason,
  }));
  const usage = usageOf(promptTokens, count, cachedIn(all.flat()));
  return { ...exchange.head('cmpl-', 'text_completion'), choices, usage };
}
