import type { Segment } from '../../generation/segments.ts';
import { cachedIn, type Exchange, newId } from '../exchange.ts';
import { type Fields, isObject } from '../requests/fields.ts';
import { toolsOf } from '../requests/messages.ts';
import { inputOf } from '../requests/response-input.ts';
import { samplingOf, streamingOf } from '../requests/sampling.ts';
import { type ResponseEvent, ResponseItems } from './response-items.ts';

/** `/v1/responses`: text, and calls of tools. Responses are not kept. */
export async function response(exchange: Exchange, body: Fields): Promise<object | undefined> {
  const { service } = exchange;
  body.refuse('previous_response_id', 'responses are not kept: send the whole conversation as "input"');
  body.refuse('conversation', 'conversations are not kept: send the whole of it as "input"');
  body.refuse('background', 'answers are not kept', (value) => value === false);
  body
    .fields('text')
    ?.fields('format')
    ?.refuse('type', 'the model writes text', (value) => value === 'text');
  const metadata = body.get('metadata') ?? {};
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw body.wrong('metadata', 'an object of strings');
  }
  const messages = inputOf(body);
  const { stream } = streamingOf(body);
  const maxTokens = body.count('max_output_tokens', 1);
  const sampling = samplingOf(body, service.vocabularySize);
  const { promptTokens, segments } = exchange.answer(messages, {
    param: 'input',
    maxTokens,
    sampling,
    tools: toolsOf(body),
  });

  const base = {
    id: newId('resp_'),
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    model: service.id,
    instructions: body.string('instructions') ?? null,
    max_output_tokens: maxTokens ?? null,
    metadata,
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: sampling.temperature,
    text: { format: { type: 'text' } },
    tool_choice: body.get('tool_choice') ?? 'auto',
    tools: body.list('tools') ?? [],
    top_p: sampling.topP ?? 1,
    truncation: 'disabled',
    error: null,
    incomplete_details: null,
  };
  const begun = { ...base, status: 'in_progress', output: [], usage: null };
  const ended = (items: ResponseItems, last: Segment | undefined, count: number) => {
    const isCut = last?.finishReason === 'length';
    return {
      ...base,
      status: isCut ? 'incomplete' : 'completed',
      incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
      output: items.output,
      usage: usageOf(promptTokens, count, cachedIn([last])),
    };
  };
  const items = new ResponseItems();
  let last: Segment | undefined;
  let count = 0;
  if (!stream) {
    for await (const segment of segments) {
      for (const _ of items.add(segment));
      last = segment;
      count++;
    }
    for (const _ of items.finish());
    return ended(items, last, count);
  }

  return exchange.events(segments, async (events, pieces) => {
    let number = 0;
    const send = ({ type, ...fields }: ResponseEvent) =>
      events.send({ type, sequence_number: number++, ...fields }, type);
    await send({ type: 'response.created', response: begun });
    await send({ type: 'response.in_progress', response: begun });
    try {
      for await (const segment of pieces) {
        for (const event of items.add(segment)) await send(event);
        last = segment;
        count++;
      }
    } catch (error) {
      if (exchange.signal.aborted) throw error;
      const { message, code } = service.refusal(error);
      const failed = {
        ...begun,
        status: 'failed',
        output: items.output,
        error: { code: code ?? 'server_error', message },
      };
      await send({ type: 'response.failed', response: failed });
      return;
    }
    for (const event of items.finish()) await send(event);
    const whole = ended(items, last, count);
    await send({ type: `response.${whole.status}`, response: whole });
  });
}

function usageOf(input: number, output: number, cached: number) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}
