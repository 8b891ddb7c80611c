import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { Engine } from '../engines/engine.ts';
import type { NativeEngine } from '../engines/native-engine.ts';
import { LanguageModel } from '../language-model.ts';
import { load } from '../load.ts';
import { writeTinyModel } from '../test-support/tiny-model.ts';
import type { GenerateOptions } from './options.ts';

const root = mkdtempSync(join(tmpdir(), 'mlx-router-drafts-'));
let model: LanguageModel;
/** Another model, and one that guesses right more often than not. */
let far: LanguageModel;
let near: LanguageModel;

beforeAll(async () => {
  writeTinyModel(join(root, 'model'));
  writeTinyModel(join(root, 'far'), { hidden_size: 16, num_hidden_layers: 1 });
  model = await load(join(root, 'model'));
  near = await load(join(root, 'model'));
  far = await load(join(root, 'far'));
  const { model: network } = near.engine as NativeEngine;
  const head = (network as unknown as { lm_head: { weight: mx.Array } }).lm_head;
  mx.random.seed(3);
  head.weight = head.weight.add(mx.random.normal(head.weight.shape).multiply(0.02));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a draft model', () => {
  it('changes no token, and the statistics say how many it had guessed', async () => {
    const alone = await model.generate('Once upon a time', { maxTokens: 24 });
    expect(alone.statistics).not.toHaveProperty('acceptedDraftTokens');
    const accepted: number[] = [];
    for (const draftModel of [far, near]) {
      for (const numDraftTokens of [1, 2, 5]) {
        const answer = await model.generate('Once upon a time', { maxTokens: 24, draftModel, numDraftTokens });
        expect(answer.tokens).toEqual(alone.tokens);
        accepted.push(answer.statistics.acceptedDraftTokens as number);
      }
    }
    expect(Math.min(...accepted.slice(3))).toBeGreaterThan(5);
    expect(Math.max(...accepted.slice(0, 3))).toBeLessThan(accepted[3] as number);
    const segments = [];
    for await (const segment of model.stream('Once upon a time', { maxTokens: 24, draftModel: near, logprobs: 2 })) {
      segments.push(segment);
    }
    expect(segments.filter(({ fromDraft }) => fromDraft)).toHaveLength(accepted[4] as number);
    expect(segments.every(({ logprob, topLogprobs }) => logprob === topLogprobs?.[0]?.[1])).toBe(true);
  });

  it.each<[string, GenerateOptions]>([
    ['penalties and biases', { repetitionPenalty: 1.4, logitBias: { 70: -3 } }],
    ['prompts in parts', { prefillStepSize: 3 }],
  ])('changes none with %s', async (_, options) => {
    const settings = { maxTokens: 12, ...options };
    const { tokens } = await model.generate('Hello there', settings);
    for (const draftModel of [far, near]) {
      expect((await model.generate('Hello there', { ...settings, draftModel })).tokens).toEqual(tokens);
    }
  });

  it('goes on in a cache, with or without it, and after answers that were cut', async () => {
    const turns = async (draft: (turn: number) => LanguageModel | undefined) => {
      using chat = model.chat({ maxTokens: 6 });
      const answers: (readonly number[])[] = [];
      for (let turn = 0; turn < 4; turn++) {
        if (turn === 2) {
          for await (const segment of chat.stream('cut', { draftModel: draft(turn) })) {
            if (segment.text.length > 0) break;
          }
        }
        const { tokens, statistics } = await chat.send(`turn ${turn}`, { draftModel: draft(turn) });
        answers.push(tokens);
        if (turn === 1) expect(statistics.cachedTokens).toBeGreaterThan(0);
      }
      return answers;
    };
    const first = await turns(() => undefined);
    for (const draft of [() => near, () => far, (turn: number) => (turn % 2 === 0 ? near : undefined)]) {
      const answers = await turns(draft);
      expect(answers.slice(0, 2)).toEqual(first.slice(0, 2));
      expect(answers.every(({ length }) => length > 0)).toBe(true);
    }
  });

  it('keeps what it has seen in step with the cache', async () => {
    const cache = await model.newCache();
    const options = { maxTokens: 16, draftModel: near, numDraftTokens: 3, cache };
    const { tokens } = await model.generate('Hello', options);
    const { statistics } = await model.generate([tokens.at(-1) as number], options);
    const whole = await model.generate([...model.tokens('Hello'), ...tokens], { maxTokens: 16, draftModel: near });
    expect(statistics.acceptedDraftTokens).toBeGreaterThan(0);
    expect(whole.statistics.acceptedDraftTokens).toBeGreaterThan(0);
    cache.dispose();
  });

  it('is refused where it cannot guess', async () => {
    const refuse = (draftModel: unknown, message: string | RegExp, options: GenerateOptions = {}) =>
      expect(
        model.generate('a', { maxTokens: 4, ...options, draftModel: draftModel as LanguageModel }),
      ).rejects.toThrow(message);
    await refuse(7, 'expected a model of lm.load for "draftModel", received the number 7');
    await refuse(null, 'expected a model of lm.load for "draftModel", received null');
    await refuse(model, 'received the model itself');
    await refuse(near, 'a whole number of at least 1 for "numDraftTokens"', { numDraftTokens: 0 });
    await expect(model.generate('a', { numDraftTokens: 2 })).rejects.toThrow('give "draftModel", too');
    await refuse(near, /cache of a limited size keeps, received/, { maxKvSize: 8, maxTokens: 20 });

    const other = join(root, 'other');
    writeTinyModel(other, { vocab_size: 300 });
    const path = join(other, 'tokenizer.json');
    const definition = JSON.parse(readFileSync(path, 'utf8'));
    definition.model.vocab = Object.fromEntries(
      Object.entries<number>(definition.model.vocab).map(([text, id]) => [text, id < 2 ? 1 - id : id]),
    );
    writeFileSync(path, JSON.stringify(definition));
    using swapped = await load(other);
    await refuse(swapped, 'its token 0 is "\\u0001", and the model\'s is "\\u0000"');
    definition.added_tokens.push({ ...definition.added_tokens[0], id: 259, content: '<more>' });
    writeFileSync(path, JSON.stringify(definition));
    using larger = await load(other);
    await refuse(larger, 'it has 260 tokens, and the model has 259');

    const python = { ...(model.engine as Engine), implementation: 'python' } as Engine;
    const { tokenizer, config } = model;
    const remote = new LanguageModel({
      engine: python,
      tokenizer,
      config,
      path: 'x',
      reason: 'forced',
      weights: 'stored',
    });
    await refuse(remote, 'have to run natively both');
    await expect(remote.generate('a', { draftModel: near })).rejects.toThrow(UnsupportedOperationError);
    await expect(model.generate('a', { draftModel: model })).rejects.toThrow(ArgumentError);
  });
});
