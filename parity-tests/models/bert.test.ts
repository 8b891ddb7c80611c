import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ArgumentError, FileError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { ConfigFields } from '../../lm/config/fields.ts';
import { readEmbeddingModel } from '../../lm/loading/embedding-model.ts';
import { createEncoder } from '../../lm/models/registry.ts';
import { core as mx } from '../../mlx/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import { formulaWeight } from './weight-formula.ts';

// bert_reference.py computed these vectors in plain NumPy.
const golden = JSON.parse(readFileSync(new URL('golden/bert.json', import.meta.url), 'utf8'));
const tokens = mx.array(golden.tokens, mx.int32);
const mask = mx.array(golden.mask, mx.int32);
const types = mx.array(golden.types, mx.int32);

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-bert-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));

beforeEach(() => {
  mkdirSync(join(folder, '1_Pooling'), { recursive: true });
  rmSync(join(folder, 'modules.json'), { force: true });
  rmSync(join(folder, 'sentence_bert_config.json'), { force: true });
  write('config.json', golden.config);
  const parameters = treeFlatten(createEncoder(new ConfigFields(golden.config)).parameters()) as [string, mx.Array][];
  const weights = parameters.map(([name, { shape }]) => [`bert.${name}`, formulaWeight(name, shape)] as const);
  const extra = { 'bert.pooler.dense.weight': mx.ones([2]), 'bert.embeddings.position_ids': mx.arange(4) };
  mx.saveSafetensors(join(folder, 'model.safetensors'), { ...Object.fromEntries(weights), ...extra });
});

function writeModules(kind: string, normalizes: boolean): void {
  const name = (type: string) => `sentence_transformers.models.${type}`;
  write('modules.json', [
    { idx: 0, name: '0', path: '', type: name('Transformer') },
    { idx: 1, name: '1', path: '1_Pooling', type: name('Pooling') },
    ...(normalizes ? [{ idx: 2, name: '2', path: '2_Normalize', type: name('Normalize') }] : []),
  ]);
  write('1_Pooling/config.json', { word_embedding_dimension: 32, [`pooling_mode_${kind}`]: true });
}

const firstOf = (vectors: mx.Array) => vectors.index(new mx.Slice(), new mx.Slice(0, 6));

function expectClose(found: mx.Array, meant: number[][]): void {
  expect(mx.max(mx.abs(found.subtract(mx.array(meant)))).item()).toBeLessThan(1e-5);
}

describe('BERT with the poolings of sentence-transformers', () => {
  it.each(['cls_token', 'mean_tokens', 'max_tokens', 'mean_sqrt_len_tokens'])('%s', async (kind) => {
    writeModules(kind, false);
    const model = await readEmbeddingModel(folder);
    expectClose(firstOf(model.embed(tokens, mask, types)), golden.vectors[kind]);
  });

  it('normalizes, and joins poolings', async () => {
    writeModules('mean_tokens', true);
    write('sentence_bert_config.json', { max_seq_length: 12 });
    const model = await readEmbeddingModel(folder);
    expect(model.maxLength).toBe(12);
    expectClose(firstOf(model.embed(tokens, mask, types)), golden.vectors.normalized);
    writeModules('mean_tokens', false);
    write('1_Pooling/config.json', { pooling_mode_mean_tokens: true, pooling_mode_cls_token: true });
    const joined = (await readEmbeddingModel(folder)).embed(tokens, mask, types);
    expect(joined.shape).toEqual([3, 64]);
    expectClose(firstOf(joined), golden.vectors.cls_token);
  });

  it('takes the mean without modules.json, and does not see what fills up a row', async () => {
    const model = await readEmbeddingModel(folder);
    expect(model.maxLength).toBe(16);
    expectClose(firstOf(model.embed(tokens, mask, types)), golden.vectors.mean_tokens);
    const other = mx.where(mask, tokens, 59);
    expectClose(firstOf(model.embed(other, mask, types)), golden.vectors.mean_tokens);
  });
});

describe('refuses', () => {
  it.each([
    ['a list that is none', { a: 1 }, /expected a list of objects/],
    ['another module', [{ type: 'sentence_transformers.models.Dense', path: '2_Dense' }], /Dense" are not read here/],
    ['a folder outside', [{ type: 'sentence_transformers.models.Pooling', path: '../x' }], /name of a folder inside/],
    ['a folder without config', [{ type: 'x.Pooling', path: 'none' }], /"none" has no config.json/],
  ])('%s in modules.json', async (_, modules, message) => {
    write('modules.json', modules);
    const failed = readEmbeddingModel(folder);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow(FileError);
  });

  it('damaged modules.json and poolings that there are not', async () => {
    writeFileSync(join(folder, 'modules.json'), '[{');
    await expect(readEmbeddingModel(folder)).rejects.toThrow(/modules.json cannot be read/);
    writeModules('weightedmean_tokens', false);
    await expect(readEmbeddingModel(folder)).rejects.toThrow(/received pooling_mode_weightedmean_tokens/);
  });

  it.each([
    [{ num_attention_heads: 5 }, /is no multiple of its 5 heads/],
    [{ hidden_act: 'toString' }, /no activation is named "toString"/],
    [{ position_embedding_type: 'relative_key' }, /"absolute" only/],
    [{ hidden_size: 0 }, /whole number of at least 1 for "hidden_size"/],
    [{ intermediate_size: 50 }, /config.json and the weights disagree/],
  ])('a config with %j', async (fields, message) => {
    write('config.json', { ...golden.config, ...fields });
    const failed = readEmbeddingModel(folder);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow(FileError);
  });

  it('other encoders', () => {
    expect(() => createEncoder(new ConfigFields({ model_type: 'constructor' }))).toThrow(UnsupportedOperationError);
  });

  it('other shapes, no tokens and too many', async () => {
    const model = await readEmbeddingModel(folder);
    const wrong: [mx.Array, mx.Array][] = [
      [tokens, mask.index(0)],
      [mx.zeros([1, 0], mx.int32), mx.zeros([1, 0], mx.int32)],
      [mx.zeros([1, 17], mx.int32), mx.ones([1, 17], mx.int32)],
      [mx.zeros([4], mx.int32), mx.ones([4], mx.int32)],
    ];
    for (const [texts, shown] of wrong) expect(() => model.embed(texts, shown)).toThrow(ArgumentError);
  });
});
