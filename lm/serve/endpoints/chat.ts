import type { Segment } from '../../generation/segments.ts';
import type { ToolCall } from '../../generation/tool-parsers.ts';
import { cachedIn, type Exchange, newId, usageOf } from '../exchange.ts';
import type { Fields } from '../requests/fields.ts';
import { messagesOf, toolsOf } from '../requests/messages.ts';
import { samplingOf, streamingOf } from '../requests/sampling.ts';
import { chatLogprobs, chatLogprobsOf } from './logprobs.ts';

/** A call as OpenAI writes it, with its arguments as the text of an object. */
function written({ id, name, arguments: args }: ToolCall) {
  const type = 'function' as const;
  return { id: id ?? newId('call_'), type, function: { name, arguments: JSON.stringify(args) } };
}

/** `/v1/chat/completions`. */
export async function chatCompletion(exchange: Exchange, body: Fields): Promise<object | undefined> {
  const { model } = exchange.service;
  body.refuse('response_format', 'the model writes text', isPlainText);
  body.refuse('modalities', 'the model writes text', isTextAlone);
  const messages = messagesOf(body);
  const { stream, includeUsage } = streamingOf(body);
  const logprobs = chatLogprobs(body);
  const { promptTokens, segments } = exchange.answer(messages, {
    param: 'messages',
    maxTokens: body.count('max_completion_tokens', 1) ?? body.count('max_tokens', 1),
    sampling: { ...samplingOf(body, exchange.service.vocabularySize), logprobs },
    tools: toolsOf(body),
  });
  if (!stream) return whole(exchange, promptTokens, segments, logprobs !== undefined);

  const head = exchange.head('chatcmpl-', 'chat.completion.chunk');
  const usage = includeUsage && { usage: null };
  return exchange.events(segments, async (events, pieces) => {
    let wanted = logprobs !== undefined;
    const chunk = (delta: object, finish: string | null, segment?: Segment) => {
      const probabilities = wanted && segment !== undefined ? chatLogprobsOf(model.tokenizer, [segment]) : null;
      return events.send({
        ...head,
        choices: [{ index: 0, delta, logprobs: probabilities, finish_reason: finish }],
        ...usage,
      });
    };
    await chunk({ role: 'assistant', content: '' }, null);
    let count = 0;
    let calls = 0;
    let finish: string = 'stop';
    let cached = 0;
    for await (const segment of pieces) {
      count++;
      cached += cachedIn([segment]);
      const { text, reasoning, toolCalls = [], finishReason } = segment;
      if (reasoning !== undefined) await chunk({ reasoning }, null);
      if (text !== '' || wanted) await chunk({ content: text }, null, segment);
      for (const call of toolCalls) await chunk({ tool_calls: [{ index: calls++, ...written(call) }] }, null);
      finish = finishReason ?? finish;
    }
    wanted = false;
    await chunk({}, calls > 0 ? 'tool_calls' : finish);
    if (includeUsage) await events.send({ ...head, choices: [], usage: usageOf(promptTokens, count, cached) });
    await events.send('[DONE]');
  });
}

async function whole(exchange: Exchange, promptTokens: number, segments: AsyncIterable<Segment>, wanted: boolean) {
  const all: Segment[] = [];
  for await (const segment of segments) all.push(segment);
  const content = all.map(({ text }) => text).join('');
  const reasoning = all.map((segment) => segment.reasoning ?? '').join('');
  const calls = all.flatMap(({ toolCalls = [] }) => toolCalls).map(written);
  const message = {
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    refusal: null,
    ...(reasoning !== '' && { reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  const logprobs = wanted ? chatLogprobsOf(exchange.service.model.tokenizer, all) : null;
  const finish = calls.length > 0 ? 'tool_calls' : all.at(-1)?.finishReason;
  return {
    ...exchange.head('chatcmpl-', 'chat.completion'),
    choices: [{ index: 0, message, logprobs, finish_reason: finish }],
    usage: usageOf(promptTokens, all.length, cachedIn(all)),
  };
}

const isPlainText = (format: unknown): boolean => (format as { readonly type?: unknown }).type === 'text';
const isTextAlone = (names: unknown): boolean => Array.isArray(names) && names.every((name) => name === 'text');
