import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import type { Server } from '../../lm/serve/index.ts';
import type { Checks } from './checks.ts';

const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];

async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 10) {
    assert(waited < 60_000, 'the server was not free within a minute');
    await sleep(10);
  }
}

/** What every model has to do, whatever it writes. `expected` is in the answer to the first question. */
export async function converse(server: Server, checks: Checks, expected: string): Promise<void> {
  const { model } = server;
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
  let whole = '';

  await checks.check('models', async () => {
    const { data } = await client.models.list();
    assert.deepEqual(
      data.map(({ id }) => id),
      [model],
    );
    return model;
  });
  await checks.check('chat', async () => {
    const { choices, usage } = await client.chat.completions.create({ model, messages, max_tokens: 24 });
    whole = choices[0]?.message.content ?? '';
    assert(whole.includes(expected), `"${whole}" has no "${expected}" in it`);
    assert.equal(usage?.total_tokens, (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    return whole;
  });
  await checks.check('chat, streamed', async () => {
    const how = { stream: true, stream_options: { include_usage: true } } as const;
    const stream = await client.chat.completions.create({ model, messages, max_tokens: 24, ...how });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole);
    return `the same text, ${usage?.prompt_tokens_details?.cached_tokens} of ${usage?.prompt_tokens} tokens cached`;
  });
  await checks.check('tools', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters } }];
    const { choices } = await client.chat.completions.create({ model, messages, tools, max_tokens: 8 });
    assert(choices[0]?.finish_reason);
    return `taken, and the answer ends by "${choices[0].finish_reason}"`;
  });
  await checks.check('completions, several at once', async () => {
    const prompt = ['Once upon a time', 'The sea is', 'One, two, three,'];
    const { choices } = await client.completions.create({ model, prompt, max_tokens: 8, logprobs: 2 });
    assert.deepEqual(
      choices.map(({ index }) => index),
      [0, 1, 2],
    );
    assert(choices.every(({ logprobs }) => (logprobs?.tokens?.length ?? 0) > 0));
    return choices.map(({ text }) => text).join(' | ');
  });
  await checks.check('a seed', async () => {
    const ask = () =>
      client.completions.create({ model, prompt: 'The sea is', max_tokens: 8, temperature: 1, seed: 7 });
    const [one, two] = await Promise.all([ask(), ask()]);
    assert.equal(one?.choices[0]?.text, two?.choices[0]?.text);
    return one?.choices[0]?.text ?? '';
  });
  await checks.check('responses', async () => {
    const { output_text: text, status } = await client.responses.create({
      model,
      input: 'Hello',
      max_output_tokens: 8,
    });
    assert(status === 'completed' || status === 'incomplete');
    return `${status}: ${text}`;
  });
  await checks.check('responses, streamed', async () => {
    const stream = await client.responses.create({ model, input: 'Hello', max_output_tokens: 8, stream: true });
    const types = new Set<string>();
    for await (const { type } of stream) types.add(type);
    assert(types.has('response.created') && types.has('response.output_text.done'));
    return `${types.size} kinds of events`;
  });
  const other = { model: 'another', messages };
  await checks.refused('another model', () => client.chat.completions.create(other), 404, 'model_not_found');
  const hot = { model, messages, temperature: -1 };
  await checks.refused('a wrong field', () => client.chat.completions.create(hot), 400, 'invalid_type');
  const embed = () => client.embeddings.create({ model, input: 'a' });
  await checks.refused('embeddings', embed, 501, 'embeddings_not_supported');
  await checks.check('8 clients at once, of whom half leave', async () => {
    const asked = Array.from({ length: 8 }, async (_, i) => {
      const prompt = `Client ${i} says:`;
      const stream = await client.completions.create({ model, prompt, max_tokens: i % 2 ? 12 : 200, stream: true });
      let count = 0;
      for await (const _ of stream) if (++count === 3 && i % 2 === 0) break;
    });
    await Promise.all(asked);
    await until(() => server.load.running + server.load.waiting === 0);
    return 'all slots are free';
  });
}
