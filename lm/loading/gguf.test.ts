import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, FileError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { convert, openModel } from '../index.ts';
import { load } from '../load.ts';
import { loadTokenizer } from '../tokenizer/load.ts';
import { root, sample } from '../tokenizer/test-support/samples.ts';
import { type GgufModel, readGguf } from './gguf.ts';
import { blocks, float32, ggufFile, type TensorData, type Value } from './test-support/gguf-file.ts';
import { modelTensors, modelValues, tokenizerValues } from './test-support/gguf-models.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-gguf-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(root, { recursive: true });
});

let files = 0;
function write(bytes: Uint8Array): string {
  const path = join(folder, `${files++}.gguf`);
  writeFileSync(path, bytes);
  return path;
}

interface Changes {
  readonly architecture?: string;
  readonly tokenizer?: Record<string, Value>;
  /** A null takes the value away. */
  readonly values?: Readonly<Record<string, Value | null>>;
  readonly tensors?: (tensors: TensorData[]) => TensorData[];
}

/** A small file with what a test changes in it. */
function bytesOf({ architecture = 'llama', tokenizer, values = {}, tensors = (all) => all }: Changes = {}): Buffer {
  const all = { ...modelValues(architecture), ...(tokenizer ?? tokenizerValues('smollm')), ...values };
  const kept = Object.entries(all).filter((entry): entry is [string, Value] => entry[1] !== null);
  return ggufFile(Object.fromEntries(kept), tensors(modelTensors(300)));
}

const read = (changes: Changes = {}): Promise<GgufModel> => readGguf(write(bytesOf(changes)));

describe('the config', () => {
  it('is as a config.json, with the quantization of each weight', async () => {
    expect((await read()).config).toEqual({
      model_type: 'llama',
      hidden_size: 64,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      intermediate_size: 96,
      vocab_size: 300,
      head_dim: 16,
      rms_norm_eps: 1e-5,
      rope_theta: 500_000,
      rope_scaling: null,
      max_position_embeddings: 128,
      tie_word_embeddings: true,
      attention_bias: false,
      bos_token_id: 0,
      eos_token_id: [2],
      quantization: {
        group_size: 32,
        bits: 4,
        'model.embed_tokens': { group_size: 32, bits: 8 },
        'model.layers.0.mlp.down_proj': { group_size: 32, bits: 8 },
        'model.layers.1.mlp.down_proj': { group_size: 32, bits: 8 },
      },
    });
  });

  it('has none where no weight is quantized, and its own output where there is one', async () => {
    const whole = (all: TensorData[]): TensorData[] => [
      float32('token_embd.weight', [300, 64], new Array(300 * 64).fill(1)),
      float32('output.weight', [300, 64], new Array(300 * 64).fill(1)),
      ...all.filter(({ type }) => type === 0),
    ];
    const { config, weights } = await read({ tensors: whole });
    expect(config).not.toHaveProperty('quantization');
    expect(config.tie_word_embeddings).toBe(false);
    expect(weights['lm_head.weight']?.shape).toEqual([300, 64]);
  });

  it('knows how positions are scaled', async () => {
    const scaled = async (values: Record<string, Value>) => (await read({ values })).config.rope_scaling;
    const linear = { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': { float: 2.1 } };
    expect(await scaled(linear)).toEqual({ type: 'linear', factor: 2.1 });
    expect(await scaled({ 'llama.rope.scaling.type': 'none' })).toBe(null);
    const yarn = { ...linear, 'llama.rope.scaling.type': 'yarn', 'llama.rope.scaling.original_context_length': 64 };
    expect(await scaled(yarn)).toEqual({ type: 'yarn', factor: 2.1, original_max_position_embeddings: 64 });
    await expect(scaled({ 'llama.rope.scaling.type': 'odd' })).rejects.toThrow(/scaled as "odd"/);
    // The factors that llama.cpp writes for Llama 3.1, by its rule for the head size and the base above.
    const llama3 = [1, 1, 1, 1, 1, 8, 8, 8].map((plain, index) => {
      const wavelength = 2 * Math.PI * 500_000 ** (index / 8);
      const smooth = (8192 / wavelength - 1) / 3;
      return smooth > 0 && smooth < 1 ? 1 / ((1 - smooth) / 8 + smooth) : plain;
    });
    const withFactors = (factors: number[]) => (all: TensorData[]) => [
      ...all,
      float32('rope_freqs.weight', [8], factors),
    ];
    expect((await read({ tensors: withFactors(llama3) })).config.rope_scaling).toEqual({
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    });
    await expect(read({ tensors: withFactors([1, 2, 3, 4, 5, 6, 7, 8]) })).rejects.toThrow(/rope_freqs/);
  });
});

describe('the weights', () => {
  it('have the rows of queries and keys in the order of Hugging Face, where the architecture changes it', async () => {
    const firstColumn = ({ weights }: GgufModel, name: string): number[] =>
      (mx.reshape(weights[name] as mx.Array, [-1, 64]).tolist() as number[][]).map((row) => (row[0] as number) / 64);
    const llama = await read();
    const evenThenOdd = [0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15];
    const heads = (count: number) =>
      Array.from({ length: count }, (_, head) => evenThenOdd.map((row) => row + head * 16));
    expect(firstColumn(llama, 'model.layers.1.self_attn.q_proj.weight')).toEqual(heads(4).flat());
    expect(firstColumn(llama, 'model.layers.1.self_attn.k_proj.weight')).toEqual(heads(2).flat());
    const inOrder = Array.from({ length: 64 }, (_, row) => row);
    for (const architecture of ['qwen2', 'qwen3']) {
      const model = await read({ architecture });
      expect(model.config.model_type).toBe(architecture);
      expect(firstColumn(model, 'model.layers.1.self_attn.q_proj.weight')).toEqual(inOrder);
    }
  });

  it('stay quantized, in rows that belong together', async () => {
    const quantized = (all: TensorData[]): TensorData[] =>
      all.map((one) => (one.name.endsWith('attn_q.weight') ? blocks(one.name, one.shape, 8) : one));
    const plain = (await read({ architecture: 'qwen2', tensors: quantized })).weights;
    const { weights, config } = await read({ tensors: quantized });
    const values = (from: Record<string, mx.Array>): number[][] => {
      const [weight, scales, biases] = ['weight', 'scales', 'biases'].map(
        (part) => from[`model.layers.0.self_attn.q_proj.${part}`] as mx.Array,
      ) as [mx.Array, mx.Array, mx.Array];
      return mx.dequantize(weight, scales, biases, { groupSize: 32, bits: 8 }).tolist() as number[][];
    };
    expect(config.quantization).toHaveProperty('model.layers.0.self_attn.q_proj', { group_size: 32, bits: 8 });
    expect(values(weights)[1]).toEqual(values(plain)[2]);
    expect(values(weights)[24]).toEqual(values(plain)[17]);
  });
});

describe('the tokenizer', () => {
  it.each([
    ['gpt2', 'gpt-2'],
    ['smollm', 'smollm'],
    ['llama3', 'llama-bpe'],
    ['qwen2', 'qwen2'],
    ['llama2', ''],
    ['gemma', ''],
  ])('of %s is as the one of its tokenizer.json', async (name, pre) => {
    const prefix = name === 'gemma' ? { 'tokenizer.ggml.add_space_prefix': false } : {};
    const { tokenizer } = await read({ tokenizer: { ...tokenizerValues(name, pre), ...prefix } });
    const expected = sample(name);
    expect(tokenizer.vocabularySize).toBe(expected.size);
    expect(tokenizer.bosTokenId).toBe(expected.bos);
    expect([...tokenizer.eosTokenIds]).toEqual(expected.eos);
    for (const [text, special, tokens, decoded] of expected.texts) {
      expect(tokenizer.encode(text), text).toEqual(special);
      expect(tokenizer.encode(text, { addSpecialTokens: false }), text).toEqual(tokens);
      expect(tokenizer.decode(tokens), text).toBe(decoded);
    }
    const [messages, , prompt] = expected.chats[0] as (typeof expected.chats)[0];
    expect(tokenizer.applyChatTemplate(messages)).toBe(prompt);
  });

  it('adds what the file says, and splits as llama.cpp where it does not say how', async () => {
    const tokenizer = { ...tokenizerValues('gpt2', 'gpt-2'), 'tokenizer.ggml.add_bos_token': true };
    const both = await read({ tokenizer: { ...tokenizer, 'tokenizer.ggml.add_eos_token': true } });
    expect(both.tokenizer.encode('a')).toEqual([0, both.tokenizer.tokenId('a'), 2]);
    const unsplit = await read({ tokenizer, values: { 'tokenizer.ggml.pre': null } });
    expect(unsplit.tokenizer.decode(unsplit.tokenizer.encode('the cat, 12345.'))).toBe('<|endoftext|>the cat, 12345.');
  });
});

describe('what cannot be read', () => {
  it.each([
    ['another architecture', { values: { 'general.architecture': 'mamba' } }, /"mamba"; known are llama/],
    ['no architecture', { values: { 'general.architecture': null } }, /no "general.architecture"/],
    ['a number as architecture', { values: { 'general.architecture': 3 } }, /no text/],
    ['no width', { values: { 'llama.embedding_length': null } }, /no "llama.embedding_length"/],
    ['no heads', { values: { 'llama.attention.head_count': 0 } }, /head_count" is 0/],
    ['heads that do not fit', { values: { 'llama.attention.head_count': 5 } }, /64 rows for 5 heads/],
    ['experts', { values: { 'llama.expert_count': 8 } }, /mixture of experts/],
    ['fewer layers than tensors', { values: { 'llama.block_count': 1 } }, /tensor "blk.1/],
    ['no embedding', { tensors: (all: TensorData[]) => all.slice(1) }, /no "token_embd.weight"/],
    [
      'an unknown tensor',
      { tensors: (all: TensorData[]) => [...all, float32('odd.weight', [1], [1])] },
      /"odd.weight"/,
    ],
    ['an unknown type', { tensors: ([one, ...all]: TensorData[]) => [{ ...one, type: 99 }, ...all] }, /type 99/],
    ['no tokens', { values: { 'tokenizer.ggml.tokens': null } }, /no "tokenizer.ggml.tokens"/],
    ['no merges', { values: { 'tokenizer.ggml.merges': null } }, /no "tokenizer.ggml.merges"/],
    ['a merge of three', { values: { 'tokenizer.ggml.merges': ['a b c'] } }, /no pair/],
    ['another tokenizer', { values: { 'tokenizer.ggml.model': 'bert' } }, /of the kind "bert"/],
    ['another split', { values: { 'tokenizer.ggml.pre': 'odd' } }, /as "odd"; known are/],
    ['an end beyond the tokens', { values: { 'tokenizer.ggml.eos_token_id': 9999 } }, /of 285 tokens/],
    [
      'too few scores',
      { tokenizer: { ...tokenizerValues('llama2'), 'tokenizer.ggml.scores': Float32Array.of(1) } },
      /1 scores/,
    ],
  ] as [string, Changes, RegExp][])('%s is a FileError', async (_, changes, message) => {
    const error = await read(changes).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toMatch(message);
  });

  it('is a file that is cut off, or begins otherwise, or is not there', async () => {
    const bytes = bytesOf();
    for (const length of [0, 3, 4, 20, 1000, bytes.length / 2, bytes.length - 64]) {
      await expect(readGguf(write(bytes.subarray(0, length))), String(length)).rejects.toThrow(FileError);
    }
    await expect(readGguf(write(Buffer.from('{"not": "gguf"}'.padEnd(100))))).rejects.toThrow(FileError);
    await expect(readGguf(join(folder, 'none.gguf'))).rejects.toThrow(FileError);
    for (const path of ['', 'a\0b', 3, undefined]) await expect(readGguf(path as never)).rejects.toThrow(ArgumentError);
  });
});

describe('a folder that is written of one', () => {
  const texts = [
    'Hello world',
    '  two  spaces',
    "it's 1,234.5",
    'caf\u00e9 \u65e5\u672c \ud83d\udc4b',
    '<|im_start|>user\nHi<|im_end|>',
    '',
    '\r\n\t',
  ];

  it.each(['smollm', 'llama2'])('has its tokenizer, its template and its weights: %s', async (name) => {
    const path = write(bytesOf({ tokenizer: tokenizerValues(name) }));
    const original = (await readGguf(path)).tokenizer;
    using model = await load(path, { weights: 'stored' });
    const saved = join(folder, `${name}-saved`);
    const converted = join(folder, `${name}-converted`);
    await model.save(saved);
    await convert({ from: path, to: converted });
    for (const written of [saved, converted]) {
      const tokenizer = await loadTokenizer(written);
      for (const text of texts) expect(tokenizer.encode(text)).toEqual(original.encode(text));
      expect(tokenizer.chatTemplate).toBe(original.chatTemplate);
      expect([tokenizer.bosToken, tokenizer.vocabularySize]).toEqual([original.bosToken, original.vocabularySize]);
      expect([...tokenizer.eosTokenIds].sort()).toEqual([...original.eosTokenIds].sort());
      using again = await load(written, { weights: 'stored' });
      expect(mx.arrayEqual(await again.logits([1, 2, 3]), await model.logits([1, 2, 3])).item()).toBe(true);
    }
    const opened = await openModel(path);
    expect(opened.tokenizer.encode('Hello')).toEqual(original.encode('Hello'));
  });
});
