import { join } from 'node:path';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import type { Embedder } from '../embedder.ts';
import { embedWith, type ServeOptions } from './index.ts';
import { scriptedModel } from './test-support/models.ts';
import { clientOf, free, messages, model, other, root, server } from './test-support/servers.ts';

const client = clientOf(server);

describe('the endpoints, through the client of OpenAI', () => {
  it('list the one model', async () => {
    const { data } = await client.models.list();
    expect(data).toMatchObject([{ id: 'tiny', object: 'model' }]);
    expect(await client.models.retrieve('tiny')).toEqual(data[0]);
    await expect(client.models.retrieve('owner/large')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({ status: 'ok', ...free });
  });

  it('complete a chat, whole and streamed', async () => {
    const expected = await model.generate(messages, { maxTokens: 12 });
    const answer = await client.chat.completions.create({ model: 'tiny', messages, max_tokens: 12 });
    expect(answer.choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: expected.text, refusal: null },
        logprobs: null,
        finish_reason: expected.finishReason,
      },
    ]);
    const prompt = expected.statistics.promptTokens;
    const usage = { prompt_tokens: prompt, completion_tokens: 12, total_tokens: prompt + 12 };
    expect(answer.usage).toEqual({ ...usage, prompt_tokens_details: { cached_tokens: 0 } });
    const stream = await client.chat.completions.create({
      model: 'tiny',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hel' },
            { type: 'text', text: 'lo' },
          ],
        },
      ],
      max_completion_tokens: 12,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(expected.text);
    expect(chunks.at(-2)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'length' });
    // The same prompt was answered just before; its last token is always computed.
    const cached = { prompt_tokens_details: { cached_tokens: prompt - 1 } };
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { ...usage, ...cached } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it('tell probabilities, apply biases and penalties, and end at stop texts', async () => {
    const base = { model: 'tiny', messages, max_tokens: 8 };
    const plain = await client.chat.completions.create({ ...base, logprobs: true, top_logprobs: 3 });
    const content = plain.choices[0]?.logprobs?.content ?? [];
    expect(content).toHaveLength(8);
    for (const { logprob, top_logprobs } of content) {
      expect(top_logprobs).toHaveLength(3);
      expect(top_logprobs[0]?.logprob).toBeCloseTo(logprob, 5);
      expect(logprob).toBeLessThan(0);
    }
    const biased = await client.chat.completions.create({ ...base, logit_bias: { 65: 100 } });
    expect(biased.choices[0]?.message.content).toBe(
      (await model.generate(messages, { maxTokens: 8, logitBias: { 65: 100 } })).text,
    );
    const penalties = { presence_penalty: 2, frequency_penalty: 2 };
    const expected = await model.generate(messages, { maxTokens: 8, presencePenalty: 2, frequencyPenalty: 2 });
    const penalized = await client.chat.completions.create({ ...base, ...penalties });
    expect(penalized.choices[0]?.message.content).toBe(expected.text);
    const { engine, model: script } = await scriptedModel(join(root, 'stop'), (tokensOf) => tokensOf('one two three'));
    const stopped = await clientOf(await other(script)).chat.completions.create({
      ...base,
      max_tokens: 50,
      model: 'stop',
      stop: ['wo t', 'x'],
    });
    expect(stopped.choices[0]).toMatchObject({ message: { content: 'one t' }, finish_reason: 'stop' });
    expect(engine.given).toBeLessThan('one two three'.length);
  });

  it('draw the same tokens of the same seed, others answering meanwhile', async () => {
    const ask = (seed: number, temperature = 1.2) =>
      client.completions.create({ model: 'tiny', prompt: 'x', max_tokens: 10, temperature, top_p: 0.95, seed });
    const [one, two, three] = await Promise.all([ask(7), ask(7), ask(8), ask(1, 0)]);
    const free = client.completions.create({ model: 'tiny', prompt: 'x', max_tokens: 10, temperature: 1.2 });
    const [, again] = await Promise.all([free, ask(7)]);
    expect(two.choices).toEqual(one.choices);
    expect(again.choices).toEqual(one.choices);
    expect(three.choices).not.toEqual(one.choices);
    const expected = await model.generate('x', { maxTokens: 10, temperature: 1.2, topP: 0.95, seed: 7 });
    expect(one.choices[0]?.text).toBe(expected.text);
  });

  it('complete texts, tokens, and lists of both', async () => {
    const texts = ['one', 'two and more', '3'];
    const alone: string[] = [];
    for (const text of texts) alone.push((await model.generate(text, { maxTokens: 6 })).text);
    const create = (prompt: string | string[] | number[] | number[][]) =>
      client.completions.create({ model: 'tiny', prompt, max_tokens: 6, logprobs: 1 });
    const tokens = texts.map((text) => model.tokens(text));
    for (const prompt of [texts, tokens]) {
      const { choices, usage } = await create(prompt);
      expect(choices.map(({ index, text }) => [index, text])).toEqual(alone.map((text, i) => [i, text]));
      expect(usage).toMatchObject({ prompt_tokens: tokens.flat().length, completion_tokens: 18 });
      expect(choices[0]?.logprobs?.tokens).toHaveLength(6);
    }
    expect((await create(tokens[0] as number[])).choices[0]?.text).toBe(alone[0]);
    const stream = await client.completions.create({ model: 'tiny', prompt: texts, max_tokens: 6, stream: true });
    const streamed = texts.map(() => '');
    const ends: string[] = [];
    for await (const { choices } of stream) {
      for (const { index, text, finish_reason: end } of choices) {
        streamed[index] += text;
        if (end !== null) ends.push(end);
      }
    }
    expect(streamed).toEqual(alone);
    expect(ends).toEqual(['length', 'length', 'length']);
  });

  it('respond, whole and streamed', async () => {
    const input = [{ role: 'user' as const, content: [{ type: 'input_text' as const, text: 'Hello' }] }];
    const expected = await model.generate([{ role: 'system', content: 'Be brief' }, ...messages], { maxTokens: 9 });
    const ask = { model: 'tiny', instructions: 'Be brief', max_output_tokens: 9 };
    const whole = await client.responses.create({ ...ask, input });
    expect(whole).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(whole.output_text).toBe(expected.text);
    expect(whole.usage).toMatchObject({ output_tokens: 9, input_tokens: expected.statistics.promptTokens });
    const events = [];
    for await (const event of await client.responses.create({ ...ask, input: 'Hello', stream: true }))
      events.push(event);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, i) => i));
    const types = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
    expect(types).toEqual([
      ...['response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added'],
      ...['response.output_text.delta', 'response.output_text.done', 'response.content_part.done'],
      ...['response.output_item.done', 'response.incomplete'],
    ]);
    const text = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
    expect(text).toBe(expected.text);
    await expect(client.responses.create({ ...ask, input, previous_response_id: 'r' })).rejects.toMatchObject({
      status: 400,
      param: 'previous_response_id',
    });
  });

  it('give embeddings only where there is an encoder', async () => {
    const create = (of: OpenAI) => of.embeddings.create({ model: 'tiny', input: ['a', 'bc'] });
    await expect(create(client)).rejects.toMatchObject({ status: 501, code: 'embeddings_not_supported' });
    const embed: ServeOptions['embed'] = async (inputs) => ({
      vectors: inputs.map(({ length }) => [length, 0.5]),
      tokens: 3,
    });
    const { data, usage } = await create(clientOf(await other(model, { embed })));
    expect(data.map(({ embedding }) => embedding)).toEqual([
      [1, 0.5],
      [2, 0.5],
    ]);
    expect(usage.total_tokens).toBe(3);

    const { tokenizer } = model;
    const embedder = {
      tokenizer,
      embed: async (texts: readonly string[]) => mx.array(texts.map((text) => [text.length, 0.25])),
    };
    const encoder = clientOf(await other(model, { embed: embedWith(embedder as unknown as Embedder) }));
    for (const input of ['abc', model.tokens('abc')]) {
      const given = await encoder.embeddings.create({ model: 'tiny', input, encoding_format: 'float' });
      expect(given).toMatchObject({ data: [{ index: 0, embedding: [3, 0.25] }], usage: { prompt_tokens: 3 } });
    }
  });

  it('tell the model of tools, and give its calls', async () => {
    const call = '<tool_call>{"name": "weather", "arguments": {"city": "Bern"}}</tool_call>';
    const { model: script, engine } = await scriptedModel(join(root, 'tools'), (tokensOf) => [
      ...tokensOf(`So: ${call}`),
      258,
    ]);
    const tools = clientOf(await other(script));
    const tool = { type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } };
    const ask = { model: 'tools', messages, tools: [tool] };
    const whole = await tools.chat.completions.create(ask);
    const expected = { type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } };
    expect(whole.choices[0]).toMatchObject({
      message: { content: 'So: ', tool_calls: [expected] },
      finish_reason: 'tool_calls',
    });
    expect(script.tokenizer.decode(engine.prompts[0] ?? [])).toMatch(/^weather;user: Hello/);
    const deltas = [];
    for await (const { choices } of await tools.chat.completions.create({ ...ask, stream: true }))
      deltas.push(choices[0]);
    expect(deltas.flatMap((choice) => choice?.delta.tool_calls ?? [])).toMatchObject([{ index: 0, ...expected }]);
    expect(deltas.at(-1)?.finish_reason).toBe('tool_calls');

    const toolCalls = whole.choices[0]?.message.tool_calls ?? [];
    const result = { role: 'tool' as const, tool_call_id: toolCalls[0]?.id ?? '', content: 'sunny' };
    const spoken = { role: 'assistant' as const, content: null, tool_calls: toolCalls };
    await tools.chat.completions.create({ ...ask, tool_choice: 'none', messages: [...messages, spoken, result] });
    const shown = script.tokenizer.decode(engine.prompts.at(-1) ?? []);
    expect(shown).toBe('user: Hello; assistant: <tool_call>Bern</tool_call>; tool: sunny; ');

    const response = await tools.responses.create({
      model: 'tools',
      input: 'Hello',
      tools: [{ type: 'function', name: 'weather', parameters: {}, strict: null }],
    });
    expect(response.output).toMatchObject([
      { type: 'message', content: [{ text: 'So: ' }] },
      { type: 'function_call', name: 'weather', arguments: '{"city":"Bern"}', status: 'completed' },
    ]);
  });
});
