import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endless, scriptedModel } from './test-support/models.ts';
import { clientOf, free, isFree, model, openStream, other, post, root, until } from './test-support/servers.ts';

describe('many clients', () => {
  it('get what each would get alone, though a third of them break off', async () => {
    const busy = await other(model, { maxConcurrent: 4, maxQueue: 64 });
    const prompts = Array.from({ length: 32 }, (_, i) => `client ${i}`);
    const ask = clientOf(busy);
    let broken = 0;
    const texts = await Promise.all(
      prompts.map(async (prompt, i) => {
        const body = { model: 'tiny', prompt, max_tokens: i % 3 === 0 ? 300 : 6, stream: true } as const;
        let text = '';
        for await (const { choices } of await ask.completions.create(body)) {
          text += choices[0]?.text ?? '';
          if (i % 3 > 0 || text === '') continue;
          broken++;
          break;
        }
        return text;
      }),
    );
    expect(broken).toBe(11);
    await until(() => isFree(busy));
    for (const [i, prompt] of prompts.entries()) {
      if (i % 3 === 0) continue;
      expect(texts[i]).toBe((await model.generate(prompt, { maxTokens: 6 })).text);
    }
  });

  it('are refused when too many wait, and those who wait and leave make room', async () => {
    const { model: script } = await scriptedModel(join(root, 'endless'), () => endless(65), 1);
    const full = await other(script, { maxConcurrent: 1, maxQueue: 1 });
    const long = { prompt: 'x', max_tokens: 900_000 };
    const first = await openStream(full, long);
    const leaving = new AbortController();
    const second = clientOf(full).completions.create({ model: 'endless', ...long }, { signal: leaving.signal });
    await until(() => full.load.waiting === 1);
    const refused = await post('/v1/completions', { prompt: 'y' }, {}, full);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'queue_full', type: 'rate_limit_error' } } });
    expect(refused.headers.get('retry-after')).toBe('1');
    leaving.abort();
    await expect(second).rejects.toThrow();
    await until(() => full.load.waiting === 0);
    const third = post('/v1/completions', { prompt: 'y', max_tokens: 2 }, {}, full);
    await until(() => full.load.waiting === 1);
    first.destroy();
    expect((await third).status).toBe(200);
    await until(() => isFree(full));
  });

  it('that read slowly make the model wait, and lose their answer in the end', async () => {
    const name = 'm'.repeat(16_000);
    const { model: script, engine } = await scriptedModel(join(root, 'slow'), () => endless(65));
    const slow = await other(script, { name, stallTimeoutMs: 2000 });
    const response = await openStream(slow, { prompt: 'x', max_tokens: 900_000 });
    response.pause();
    let before = -1;
    while (engine.given !== before) {
      before = engine.given;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    // Of what was computed the system's buffers of the connection have a part, and this process next to nothing.
    expect(before).toBeLessThan(5000);
    expect(slow.load.running).toBe(1);
    await until(() => isFree(slow));
    expect(engine.given).toBe(before);
    response.destroy();
  });
});

describe('a server that closes', () => {
  it('lets running answers come to their end, and takes no more', async () => {
    const { model: script } = await scriptedModel(join(root, 'closing'), () => endless(65), 5);
    const closing = await other(script, { maxConcurrent: 1 });
    const stream = await clientOf(closing).completions.create({
      model: 'closing',
      prompt: 'x',
      max_tokens: 40,
      stream: true,
    });
    const waiting = post('/v1/completions', { prompt: 'y' }, {}, closing);
    await until(() => closing.load.waiting === 1);
    let closed: Promise<void> | undefined;
    let text = '';
    for await (const { choices } of stream) {
      text += choices[0]?.text ?? '';
      closed ??= closing.close();
    }
    expect(text).toHaveLength(40);
    expect(await waiting).toMatchObject({ status: 503, body: { error: { code: 'shutting_down' } } });
    await closed;
    await expect(fetch(`${closing.url}/health`)).rejects.toThrow();
  });

  it('cuts those that take too long, and tells their clients', async () => {
    const { model: script } = await scriptedModel(join(root, 'cut'), () => endless(65), 2);
    const closing = await other(script);
    const stream = await clientOf(closing).completions.create({
      model: 'cut',
      prompt: 'x',
      max_tokens: 900_000,
      stream: true,
    });
    let closed: Promise<void> | undefined;
    const read = async () => {
      for await (const _ of stream) closed ??= closing.close({ graceMs: 50 });
    };
    await expect(read()).rejects.toMatchObject({ code: 'shutting_down' });
    await closed;
    expect(closing.load).toEqual(free);
  });
});
