import { afterEach, describe, expect, it, vi } from 'vitest';
import { settleGarbage } from '../../foundation/test-support/collect-garbage.ts';
import { core as mx } from '../../mlx/index.ts';
import type { NativeEngine } from '../engines/native-engine.ts';
import { clientOf, free, isFree, messages, model, openStream, other, post, until } from './test-support/servers.ts';

afterEach(() => vi.restoreAllMocks());

const network = (model.engine as NativeEngine).model;

/** What is called before each call of the network, with how many rows and tokens it has. */
function beforeEachCall(look: (rows: number, length: number) => void): void {
  const forward = network.forward.bind(network);
  vi.spyOn(network, 'forward').mockImplementation((tokens, cache) => {
    look(...(tokens.shape as [number, number]));
    return forward(tokens, cache);
  });
}

/** A bias that forbids the token that ends. */
const endless = { logit_bias: { 258: -100 } };

describe('requests at once', () => {
  it('are computed together, never more than may be, and the event loop turns between two steps', async () => {
    const four = await other(model, { maxConcurrent: 4, maxQueue: 36 });
    let turn = 0;
    let isOver = false;
    const spin = (): void => {
      turn++;
      if (!isOver) setImmediate(spin);
    };
    spin();
    let most = 0;
    const perTurn = new Map<number, number>();
    beforeEachCall((rows) => {
      most = Math.max(most, rows);
      perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1);
    });
    const client = clientOf(four);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        client.completions.create({ model: 'tiny', prompt: `request ${i}`, max_tokens: 5 + (i % 3) }),
      ),
    );
    isOver = true;
    expect(most).toBe(4);
    // A step of the batch, the last part of a prompt, and its first token.
    expect(Math.max(...perTurn.values())).toBeLessThanOrEqual(3);
    vi.restoreAllMocks();
    for (const i of [0, 17, 39]) {
      expect(answers[i]?.choices[0]?.text).toBe(
        (await model.generate(`request ${i}`, { maxTokens: 5 + (i % 3) })).text,
      );
    }
    expect(four.load).toEqual(free);
  });

  it('beyond what may wait are told to come again', async () => {
    const small = await other(model, { maxConcurrent: 4, maxQueue: 4 });
    const body = { ...endless, prompt: 'x', max_tokens: 30 };
    // Long enough that none of them ends before the others have come.
    const held = Array.from({ length: 8 }, () => openStream(small, { ...body, max_tokens: 400 }));
    await until(() => small.load.running === 4 && small.load.waiting === 4);
    const answers = await Promise.all(Array.from({ length: 32 }, () => post('/v1/completions', body, {}, small)));
    expect(answers.map(({ status }) => status)).toEqual(Array(32).fill(429));
    for (const { headers } of answers) expect(headers.get('retry-after')).toBe('1');
    for (const stream of held) (await stream).destroy();
    await until(() => isFree(small));
    expect((await post('/v1/completions', body, {}, small)).status).toBe(200);
  });

  it('of a client that leaves within its prompt disturb no other', async () => {
    const server = await other(model, { prefillStepSize: 8 });
    const client = clientOf(server);
    const kept = client.completions.create({ model: 'tiny', prompt: 'kept', max_tokens: 20 });
    const leaving = new AbortController();
    let parts = 0;
    beforeEachCall((_, length) => {
      if (length === 8 && ++parts === 5) leaving.abort();
    });
    const long = { model: 'tiny', prompt: 'a long prompt '.repeat(14), max_tokens: 5 };
    const left = client.completions.create(long, { signal: leaving.signal });
    await expect(left).rejects.toThrow();
    expect((await kept).choices[0]?.text).toBe((await model.generate('kept', { maxTokens: 20 })).text);
    await until(() => isFree(server));
    expect(parts).toBeLessThan(20);
  });

  it('that are not read wait, while others are answered', async () => {
    const server = await other(model, { name: 'm'.repeat(120_000), maxConcurrent: 2 });
    const response = await openStream(server, { ...endless, prompt: 'x', max_tokens: 200, logprobs: 1 });
    response.pause();
    let calls = 0;
    beforeEachCall(() => calls++);
    let before = -1;
    while (calls !== before) {
      before = calls;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(calls).toBeLessThan(190);
    expect(server.load.running).toBe(1);
    expect((await post('/v1/completions', { prompt: 'y', max_tokens: 3 }, {}, server)).status).toBe(200);
    let text = '';
    response.on('data', (chunk) => {
      text += chunk;
    });
    response.resume();
    await until(() => isFree(server));
    await until(() => text.endsWith('[DONE]\n\n'));
    expect(text.split('data: ')).toHaveLength(202);
  });

  it('are told when the server closes while they are computed, and what they held is freed', async () => {
    await settleGarbage();
    const before = mx.getActiveMemory();
    const closing = await other(model);
    const client = clientOf(closing);
    const read = async (prompt: string) => {
      const stream = await client.completions.create({
        ...endless,
        model: 'tiny',
        prompt,
        max_tokens: 480,
        stream: true,
      });
      for await (const _ of stream) void closing.close({ graceMs: 20 });
    };
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(read));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'shutting_down' } });
    await closing.close();
    expect(closing.load).toEqual(free);
    await settleGarbage();
    expect(mx.getActiveMemory() - before).toBeLessThan(200);
    expect((await model.generate(messages, { maxTokens: 2 })).tokens).toHaveLength(2);
  });
});
