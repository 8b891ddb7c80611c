import { get } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { type ServeOptions, serve } from './index.ts';
import { scriptedModel } from './test-support/models.ts';
import { clientOf, free, messages, model, other, post, type Refusal, root, server } from './test-support/servers.ts';

describe('refused is', () => {
  const chat = '/v1/chat/completions';
  it.each<[string, string, unknown, number, Partial<Refusal>]>([
    ['what is no JSON', chat, '{"model":', 400, { code: 'invalid_json' }],
    ['an empty body', chat, '', 400, { code: 'invalid_json' }],
    ['a prototype', chat, '{"__proto__": {}}', 400, { code: 'invalid_json' }],
    ['a list as the body', chat, [], 400, { code: 'invalid_type', param: null }],
    ['no message', chat, { messages: [] }, 400, { param: 'messages' }],
    ['a message without a role', chat, { messages: [{ content: 'x' }] }, 400, { param: 'messages[0].role' }],
    [
      'a content that is a number',
      chat,
      { messages: [{ role: 'user', content: 7 }] },
      400,
      { param: 'messages[0].content' },
    ],
    [
      'an image',
      chat,
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      400,
      { param: 'messages[0].content[0].type' },
    ],
    ['another model', chat, { messages, model: 'gpt' }, 404, { code: 'model_not_found', param: 'model' }],
    ['a model that is a number', chat, { messages, model: 1 }, 400, { param: 'model' }],
    [
      'a temperature as text',
      chat,
      { messages, temperature: '1' },
      400,
      { param: 'temperature', code: 'invalid_type' },
    ],
    ['a temperature below 0', chat, { messages, temperature: -1 }, 400, { param: 'temperature' }],
    ['half a token', chat, { messages, max_tokens: 0.5 }, 400, { param: 'max_tokens' }],
    ['no token', chat, { messages, max_tokens: 0 }, 400, { param: 'max_tokens' }],
    ['two answers', chat, { messages, n: 2 }, 400, { param: 'n', code: 'unsupported_value' }],
    ['an empty stop text', chat, { messages, stop: '' }, 400, { param: 'stop' }],
    ['a bias for a token that there is not', chat, { messages, logit_bias: { 9999: 1 } }, 400, { param: 'logit_bias' }],
    ['probabilities of 21', chat, { messages, logprobs: true, top_logprobs: 21 }, 400, { param: 'top_logprobs' }],
    ['stream_options alone', chat, { messages, stream_options: {} }, 400, { param: 'stream_options' }],
    [
      'JSON as the answer',
      chat,
      { messages, response_format: { type: 'json_object' } },
      400,
      { param: 'response_format' },
    ],
    [
      'a tool that has to be called',
      chat,
      { messages, tools: [], tool_choice: 'required' },
      400,
      { param: 'tool_choice' },
    ],
    [
      'a tool without a name',
      chat,
      { messages, tools: [{ type: 'function', function: {} }] },
      400,
      { param: 'tools[0].function.name' },
    ],
    [
      'a prompt beyond the context',
      chat,
      { messages: [{ role: 'user', content: 'x'.repeat(600) }] },
      400,
      { code: 'context_length_exceeded', param: 'messages' },
    ],
    ['no prompt', '/v1/completions', {}, 400, { param: 'prompt' }],
    ['an empty prompt', '/v1/completions', { prompt: '' }, 400, { code: 'invalid_value' }],
    ['a token that there is not', '/v1/completions', { prompt: [1, 259] }, 400, { code: 'invalid_value' }],
    ['more prompts than may wait', '/v1/completions', { prompt: Array(100).fill('x') }, 400, { param: 'prompt' }],
    [
      'a streamed prompt beyond the context',
      '/v1/completions',
      { prompt: 'x'.repeat(600), stream: true },
      400,
      { code: 'context_length_exceeded' },
    ],
    ['an input of another kind', '/v1/responses', { input: [{ type: 'image' }] }, 400, { param: 'input[0].type' }],
    ['metadata of numbers', '/v1/responses', { input: 'x', metadata: { a: 1 } }, 400, { param: 'metadata' }],
    ['a path that is none', '/%', {}, 400, {}],
    ['an unknown path', '/v1/unknown', {}, 404, { code: 'unknown_url' }],
  ])('%s', async (_, path, body, status, error) => {
    const answer = await post(path, body);
    expect(answer).toMatchObject({ status, body: { error: { type: 'invalid_request_error', ...error } } });
    expect(answer.body.error.message).not.toBe('');
    expect(Object.keys(answer.body.error)).toEqual(['message', 'type', 'param', 'code']);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    expect(server.load).toEqual(free);
  });

  it('what is nested too deeply for the template, without telling where the model lies', async () => {
    const { model: script } = await scriptedModel(join(root, 'deep'), () => []);
    const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
    const tool = `{"type": "function", "function": {"name": "f", "parameters": ${deep}}}`;
    const to = await other(script);
    const answer = await post(chat, `{"messages": [{"role": "user", "content": "x"}], "tools": [${tool}]}`, {}, to);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain('in deep refuses');
    expect(answer.body.error.message).not.toContain(root);
  });

  it('a body that is too large, or is no JSON by its type', async () => {
    const small = await other(model, { maxBody: 100, maxPrompt: 3 });
    const large = await post(chat, { messages, user: 'x'.repeat(200) }, {}, small);
    expect(large).toMatchObject({ status: 413, body: { error: { code: 'body_too_large' } } });
    expect(await post('/v1/completions', { prompt: 'abcd' }, {}, small)).toMatchObject({ status: 400 });
    const typed = await post(chat, { messages }, { 'content-type': 'text/plain' });
    expect(typed).toMatchObject({ status: 415, body: { error: { code: 'unsupported_media_type' } } });
  });

  it('who has no token, or a wrong one; who has it is answered', async () => {
    const closed = await other(model, { token: 'sesame' });
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Bearer sesam', 'Bearer sesame2', 'Basic sesame']) {
      const answer = await post(chat, { messages }, { authorization }, closed);
      expect(answer).toMatchObject({ status: 401, body: { error: { code: 'invalid_api_key' } } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    await expect(clientOf(closed, 'wrong').models.list()).rejects.toMatchObject({ status: 401 });
    const { usage } = await clientOf(closed, 'sesame').chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 2,
    });
    expect(usage?.completion_tokens).toBe(2);
    expect((await fetch(`${closed.url}/health`)).status).toBe(200);
  });

  it('a web page that reaches this machine by a name of its own', async () => {
    const status = await new Promise((resolve) => {
      get(`${server.url}/v1/models`, { headers: { host: 'evil.example:80' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    expect(status).toBe(403);
  });

  it.each<[ServeOptions, string]>([
    [{ host: '0.0.0.0' }, 'give a "token"'],
    [{ host: '::' }, 'give a "token"'],
    [{ token: '' }, '"token"'],
    [{ port: 70_000 }, '"port"'],
    [{ maxConcurrent: 0 }, '"maxConcurrent"'],
    [{ maxQueue: Number.NaN }, '"maxQueue"'],
    [{ promptCacheBytes: -1 }, '"promptCacheBytes"'],
    [{ embed: 7 as never }, '"embed"'],
    [{ prot: 1 } as ServeOptions, 'did you mean "port"'],
  ])('the option %j', async (options, message) => {
    await expect(serve(model, options)).rejects.toThrow(ArgumentError);
    await expect(serve(model, options)).rejects.toThrow(message);
  });
});
