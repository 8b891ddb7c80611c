import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, FileError } from '../../foundation/errors/errors.ts';
import { loadTokenizer } from './load.ts';
import { folderOf, loadSample as load, root, sample, samples } from './test-support/samples.ts';
import type { Tokenizer } from './tokenizer.ts';

afterAll(() => rmSync(root, { recursive: true }));

function stream(tokenizer: Tokenizer, tokens: readonly number[]): string[] {
  const detokenizer = tokenizer.detokenizer();
  return [...tokens.map((token) => detokenizer.add(token)), detokenizer.finish()];
}

describe.each(samples)('$name, as in Python', (expected) => {
  it('encodes, decodes and streams texts', async () => {
    const tokenizer = await load(expected.name);
    expect(tokenizer.vocabularySize).toBe(expected.size);
    expect(tokenizer.bosTokenId ?? null).toBe(expected.bos);
    expect([...tokenizer.eosTokenIds].sort()).toEqual(expected.eos);
    for (const [text, special, tokens, decoded, streamed] of expected.texts) {
      // BERT's own splits of characters beyond U+FFFF are by halves in the library.
      if (expected.name === 'bert' && text.includes('𠀀')) continue;
      expect(tokenizer.encode(text), text).toEqual(special);
      expect(tokenizer.encode(text, { addSpecialTokens: false }), text).toEqual(tokens);
      expect(tokenizer.decode(tokens), text).toBe(decoded);
      // mlx_lm writes U+0100 for the byte 0.
      if (!text.includes('\0')) expect(stream(tokenizer, tokens).join(''), text).toBe(streamed);
    }
  });

  it('decodes tokens that no text would give', async () => {
    const tokenizer = await load(expected.name);
    for (const [tokens, decoded, withoutSpecial] of expected.drawn) {
      expect(tokenizer.decode(tokens), String(tokens)).toBe(decoded);
      expect(tokenizer.decode(tokens, { skipSpecialTokens: true }), String(tokens)).toBe(withoutSpecial);
    }
  });
});

describe('encode', () => {
  it('takes halves of characters as U+FFFD, and refuses what is no text', async () => {
    const tokenizer = await load('gpt2');
    expect(tokenizer.encode('a\uD83D b\uDE00')).toEqual(tokenizer.encode('a\uFFFD b\uFFFD'));
    expect(tokenizer.decode(tokenizer.encode('👍'))).toBe('👍');
    expect(() => tokenizer.encode(3 as never)).toThrow(ArgumentError);
    expect(() => tokenizer.encode(undefined as never)).toThrow(ArgumentError);
  });

  it('takes long texts', async () => {
    for (const name of ['llama3', 'llama2', 'bert']) {
      const tokenizer = await load(name);
      const text = `${'the cat sat '.repeat(1500)}${'x'.repeat(5000)}`;
      const tokens = tokenizer.encode(text, { addSpecialTokens: false });
      if (name !== 'bert') expect(tokenizer.decode(tokens)).toBe(text);
    }
  });

  it('says what to do where a character has no token', async () => {
    const { tokenizer, config } = sample('bert');
    const model = { ...tokenizer.model, vocab: { a: 0 }, unk_token: '[UNK]' };
    const folder = folderOf({
      'tokenizer.json': { ...tokenizer, added_tokens: [], model },
      'tokenizer_config.json': config,
    });
    const lacking = await loadTokenizer(folder);
    expect(() => lacking.encode('日', { addSpecialTokens: false })).toThrow(/no token for/);
  });
});

describe('decode', () => {
  it('skips numbers beyond the vocabulary, and refuses what is no token', async () => {
    for (const { name } of samples) {
      const tokenizer = await load(name);
      expect(tokenizer.decode([])).toBe('');
      expect(tokenizer.decode([100_000])).toBe('');
      expect(stream(tokenizer, [100_000]).join('')).toBe('');
      for (const token of [-1, 0.5, Number.NaN, '1', null, undefined]) {
        expect(() => tokenizer.decode([token as never])).toThrow(ArgumentError);
        expect(() => tokenizer.detokenizer().add(token as never)).toThrow(ArgumentError);
      }
      expect(() => tokenizer.decode('abc' as never)).toThrow(ArgumentError);
    }
  });
});

describe('detokenizer', () => {
  it('gives no part of a character, and starts anew after its end', async () => {
    const tokenizer = await load('gpt2');
    const emoji = tokenizer.encode('👍', { addSpecialTokens: false });
    expect(emoji.length).toBe(4);
    expect(stream(tokenizer, emoji)).toEqual(['', '', '', '👍', '']);
    const detokenizer = tokenizer.detokenizer();
    expect(detokenizer.add(emoji[0] as number)).toBe('');
    expect(detokenizer.finish()).toBe('\uFFFD');
    expect(emoji.map((token) => detokenizer.add(token)).join('')).toBe('👍');
  });

  it('keeps a space open until something follows', async () => {
    const tokenizer = await load('gpt2');
    const [letter, space] = [...tokenizer.encode('a'), ...tokenizer.encode(' ')] as [number, number];
    expect(stream(tokenizer, [letter, space, letter])).toEqual(['a', '', ' a', '']);
    expect(stream(tokenizer, [letter, space])).toEqual(['a', '', ' ']);
  });

  it('takes as long for late tokens as for early ones', async () => {
    for (const name of ['gpt2', 'llama2', 'unigram']) {
      const tokenizer = await load(name);
      const detokenizer = tokenizer.detokenizer();
      const [token] = tokenizer.encode('cat', { addSpecialTokens: false }) as [number];
      const tenThousand = (): number => {
        const start = performance.now();
        for (let i = 0; i < 10_000; i++) detokenizer.add(token);
        return performance.now() - start;
      };
      tenThousand();
      const early = tenThousand();
      for (let i = 0; i < 3; i++) tenThousand();
      expect(Math.min(tenThousand(), tenThousand())).toBeLessThan(early * 5 + 50);
    }
  });
});

describe('the tokens that end an answer', () => {
  it('come from generation_config.json before config.json, and from the tokenizer too', async () => {
    const eos = async (files: object, options = {}) =>
      [...(await load('gpt2', { ...files }, options)).eosTokenIds].sort();
    expect(await eos({})).toEqual([2]);
    expect(await eos({ 'config.json': { eos_token_id: 1 } })).toEqual([1, 2]);
    expect(
      await eos({ 'config.json': { eos_token_id: 1 }, 'generation_config.json': { eos_token_id: [0, 2] } }),
    ).toEqual([0, 2]);
    expect(await eos({ 'config.json': { eos_token_id: null }, 'generation_config.json': {} })).toEqual([2]);
    expect(await eos({ 'config.json': { eos_token_id: 1 } }, { eosTokenIds: [] })).toEqual([2]);
    await expect(load('gpt2', {}, { eosTokenIds: ['a'] })).rejects.toThrow(ArgumentError);
  });

  it('may be none, and must be in the vocabulary', async () => {
    const { eos_token, ...config } = sample('gpt2').config;
    expect((await load('gpt2', { 'tokenizer_config.json': config })).eosTokenIds.size).toBe(0);
    await expect(load('gpt2', { 'tokenizer_config.json': { ...config, eos_token: '</s>' } })).rejects.toThrow(
      /eos_token/,
    );
    const older = await load('gpt2', { 'tokenizer_config.json': config, 'special_tokens_map.json': { eos_token } });
    expect([...older.eosTokenIds]).toEqual([2]);
  });
});

describe('added tokens', () => {
  it('may stand in tokenizer_config.json alone', async () => {
    const { config } = sample('gpt2');
    const added = { 300: { content: '<tool>', special: true }, 301: { content: '<plain>', special: false } };
    const tokenizer = await load('gpt2', { 'tokenizer_config.json': { ...config, added_tokens_decoder: added } });
    expect(tokenizer.encode('<tool><plain>')).toEqual([300, 301]);
    expect(tokenizer.decode([300, 301])).toBe('<tool><plain>');
    expect(tokenizer.decode([300, 301], { skipSpecialTokens: true })).toBe('<plain>');
    expect(tokenizer.tokenId('<tool>')).toBe(300);
    expect(tokenizer.tokenId('<none>')).toBe(undefined);
  });
});

describe('damaged folders', () => {
  const { tokenizer, config } = sample('gpt2');
  it.each([
    ['no folder', '/no/such/folder', /no tokenizer\.json/],
    ['an empty folder', {}, /Name the folder of a whole model/],
    ['another kind of tokenizer', { 'tokenizer.model': 'x' }, /only tokenizer\.model.*save_pretrained/],
    ['an empty file', { 'tokenizer.json': '' }, /no sound JSON/],
    ['a file that is cut off', { 'tokenizer.json': JSON.stringify(tokenizer).slice(0, 500) }, /Download it again/],
    ['a list', { 'tokenizer.json': [] }, /holds no object/],
    ['no model', { 'tokenizer.json': {} }, /no "model"/],
    ['no vocabulary', { 'tokenizer.json': { model: { type: 'BPE', vocab: null } } }, /no "model" with a "vocab"/],
    ['no merges', { 'tokenizer.json': { model: { type: 'BPE', vocab: {} } } }, /damaged/],
    ['an unknown decoder', { 'tokenizer.json': { ...tokenizer, decoder: { type: 'Odd' } } }, /Odd/],
    ['a bad added token', { 'tokenizer.json': { ...tokenizer, added_tokens: [{ id: 'x' }] } }, /added token/],
    ['no list of added tokens', { 'tokenizer.json': { ...tokenizer, added_tokens: 3 } }, /added_tokens/],
    ['a damaged config', { 'tokenizer.json': tokenizer, 'tokenizer_config.json': '{' }, /tokenizer_config\.json/],
    [
      'a bad template',
      { 'tokenizer.json': tokenizer, 'tokenizer_config.json': { chat_template: [3] } },
      /chat_template/,
    ],
  ])('%s is a FileError', async (_, files, message) => {
    const error = await loadTokenizer(typeof files === 'string' ? files : folderOf(files)).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toMatch(message);
  });

  it.each([[undefined], [''], [3], ['a\0b']])('%j is no folder', async (folder) => {
    await expect(loadTokenizer(folder as never)).rejects.toThrow(ArgumentError);
    await expect(loadTokenizer(folderOf({}), { other: 1 } as never)).rejects.toThrow(/"other"/);
    await expect(loadTokenizer(folderOf({}), { chatTemplate: 3 } as never)).rejects.toThrow(FileError);
    expect(config).toBeDefined();
  });
});
