import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, FileError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { configure, core as mx, registry, routing } from '../../mlx/index.ts';
import type { Operation } from '../../registry/operation.ts';
import { KVCache } from '../cache/kv-cache.ts';
import { RotatingKVCache } from '../cache/rotating-kv-cache.ts';
import { ConfigFields } from '../config/fields.ts';
import { buildModel } from '../loading/build.ts';
import { Llama } from './llama.ts';
import { pythonOnly } from './python-only.ts';
import { registerModel } from './register-model.ts';
import { architectures, createModel } from './registry.ts';
import { whereToRun } from './where.ts';

// What the architectures compute is in parity-tests/models; here is what they refuse, and how they read names.

const small = {
  hidden_size: 16,
  num_hidden_layers: 2,
  intermediate_size: 24,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
  vocab_size: 20,
  head_dim: 4,
  max_position_embeddings: 32,
  rope_theta: 10_000,
  tie_word_embeddings: true,
};
const experts = {
  num_experts: 3,
  num_experts_per_tok: 2,
  moe_intermediate_size: 8,
  decoder_sparse_step: 1,
  mlp_only_layers: [],
  norm_topk_prob: true,
};
const gpt2 = { n_embd: 16, n_head: 4, n_layer: 1, n_positions: 8, layer_norm_epsilon: 1e-5, vocab_size: 20 };
const isFor = ({ name, aliases = [] }: Operation, modelType: string) =>
  name === `lm.${modelType}` || aliases.includes(modelType);
const create = (modelType: string, fields: object) =>
  createModel(new ConfigFields({ ...small, model_type: modelType, ...fields }));

it.each([
  ['llama', { num_key_value_heads: 3 }, /4 heads of queries are no multiple of the 3/],
  ['llama', { layer_types: ['full_attention'] }, /"layer_types" names 1 layers, and "num_hidden_layers" is 2/],
  ['llama', { layer_types: ['sliding_attention', 'full_attention'] }, /"sliding_window", received no such field/],
  ['llama', { hidden_size: -1 }, /"hidden_size", received -1/],
  ['llama', { rms_norm_eps: null }, /"rms_norm_eps", received no such field/],
  ['smollm3', { no_rope_layers: [1] }, /"no_rope_layers" has 1 entries for 2 layers/],
  ['qwen3', { head_dim: null }, /"head_dim", received no such field/],
  ['qwen3', { rope_theta: null }, /"rope_theta", received no such field/],
  ['qwen3_moe', { ...experts, num_experts_per_tok: 4 }, /4 experts per token of 3 experts/],
  ['qwen3_moe', { ...experts, norm_topk_prob: 1 }, /true or false for "norm_topk_prob", received 1/],
  ['mixtral', { num_local_experts: 1 }, /2 experts per token of 1 experts/],
  ['gemma3', {}, /"text_config", received no such field/],
  ['gemma3', { text_config: [] }, /an object for "text_config"/],
  ['gpt2', { ...gpt2, n_head: 5 }, /"n_embd", 16, is no multiple of "n_head", 5/],
])('%s refuses %j', (modelType, fields, message) => {
  expect(() => create(modelType, fields)).toThrow(message);
  expect(() => create(modelType, fields)).toThrow(FileError);
});

describe('an architecture that is not native', () => {
  it('is refused with the reason', () => {
    expect(() => create('mamba', {})).toThrow(UnsupportedOperationError);
    expect(() => create('mamba', {})).toThrow(/"mamba" is not native \(not ported: its layers keep states/);
    expect(() => create('falcon_mamba', {})).toThrow(/not ported: its layers keep states/);
    expect(() => create('no-such_model', {})).toThrow(/not ported: no architecture of that name is known here/);
  });

  it('has a row, as each of the others has, and no name has two', () => {
    const names = [...architectures, ...pythonOnly].flatMap(({ name, also = [] }) => [name, ...also]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const name of names) expect(registry.models().filter((row) => isFor(row, name))).toHaveLength(1);
    expect(registry.find('lm.llama')).toMatchObject({ family: 'model', aliases: ['mistral', 'iquestcoder', 'xverse'] });
    expect(registry.find('lm.llama')).not.toHaveProperty('nativeReason');
    expect(registry.all().filter(({ family }) => family === 'model')).toEqual([]);
  });
});

describe('where a model runs', () => {
  const row = (name: string) => routing.table().filter(({ operation }) => operation === name);
  const notices: (Error & { code?: string })[] = [];
  const listen = (warning: Error) => notices.push(warning);
  beforeAll(() => process.on('warning', listen));
  afterAll(() => {
    process.off('warning', listen);
    configure({ implementationOverrides: {}, allowFallback: true });
  });

  it('is decided as of a call, stands in the routing table, and has one notice if it is not ported', async () => {
    routing.reset();
    expect(whereToRun('mistral', undefined)).toMatchObject({ implementation: 'native', reason: 'ported' });
    expect(whereToRun('mamba2', undefined)).toMatchObject({ implementation: 'python', reason: 'unported' });
    expect(whereToRun('mamba2', undefined)).toMatchObject({ implementation: 'python', reason: 'unported' });
    expect(whereToRun('llama', 'python')).toMatchObject({ implementation: 'python', reason: 'forced' });
    expect(row('lm.mamba2')).toMatchObject([
      { family: 'model', implementation: 'python', reason: 'unported', calls: 2 },
    ]);
    expect(row('lm.llama').map(({ reason }) => reason)).toEqual(['ported', 'forced']);
    await new Promise(setImmediate);
    expect(notices.map(({ code, message }) => [code, message])).toEqual([
      ['MLX_ROUTER_UNPORTED_MODEL', expect.stringContaining('"mamba2" run in a Python worker: not ported: its layers')],
    ]);
  });

  it('may be chosen around it, and by configuration', () => {
    const scoped = mx.withImplementation('python', () => whereToRun('llama', undefined));
    expect(scoped).toMatchObject({ implementation: 'python', reason: 'scoped' });
    configure({ implementationOverrides: { 'lm.qwen2': 'python', model: 'native' } });
    expect(whereToRun('qwen2', undefined)).toMatchObject({ implementation: 'python', reason: 'override' });
    expect(() => whereToRun('mamba', undefined)).toThrow('native is asked for, but the architecture is not ported');
    configure({ implementationOverrides: {}, allowFallback: false });
    expect(() => whereToRun('mamba', undefined)).toThrow('allowFallback is off');
    expect(() => whereToRun('mamba', 'native')).toThrow(UnsupportedOperationError);
  });

  it('changes when an architecture is registered, or replaced', () => {
    class Own extends Llama {}
    registerModel({ name: 'own_arch', also: ['own-2'], native: Own, doc: 'Mine.' });
    expect(whereToRun('own-2', undefined)).toMatchObject({ implementation: 'native', reason: 'ported' });
    expect(create('own-2', {})).toBeInstanceOf(Own);
    registerModel({ name: 'rwkv7', native: Own });
    expect(whereToRun('rwkv7', 'native').reason).toBe('forced');
    class Other extends Own {}
    registerModel({ name: 'own_arch', native: Other });
    expect(create('own-2', {})).toBeInstanceOf(Other);
  });

  it.each([
    [undefined, 'expected options in an object, received nothing'],
    [{ name: 'a b', native: Llama }, 'expected the "model_type" of configs as "name", received the string "a b"'],
    [{ name: '', native: Llama }, 'expected the "model_type" of configs as "name"'],
    [{ name: 'a', also: 'b', native: Llama }, 'expected a list of values of "model_type" as "also"'],
    [{ name: 'a', native: class {} }, 'expected a subclass of nn.Module as "native"'],
    [{ name: 'a', native: () => null }, 'expected a subclass of nn.Module as "native"'],
    [{ name: 'a' }, 'expected a subclass of nn.Module as "native", received nothing'],
    [{ name: 'a', native: Llama, doc: 7 }, 'expected a string as "doc"'],
    [{ name: 'a', nativ: Llama }, 'no option is named "nativ" (did you mean "native"?)'],
  ])('registerModel refuses %o', (wrong, message) => {
    expect(() => registerModel(wrong as never)).toThrow(ArgumentError);
    expect(() => registerModel(wrong as never)).toThrow(message);
  });
});

describe('files', () => {
  it('of experts one by one, of which one is missing', () => {
    const config = { ...small, ...experts, model_type: 'qwen3_moe' };
    const name = (expert: number) => `model.layers.0.mlp.experts.${expert}.up_proj.weight`;
    const weights = { [name(0)]: mx.zeros([8, 16]), [name(2)]: mx.zeros([8, 16]) };
    expect(() => buildModel(config, weights, 'here')).toThrow(
      'the weights lack those of expert 1 for "model.layers.0.mlp.switch_mlp.up_proj.weight"',
    );
    const huge = { 'model.layers.0.mlp.experts.4294967290.up_proj.weight': mx.zeros([8, 16]) };
    expect(() => buildModel(config, huge, 'here')).toThrow(/here: config.json and the weights disagree/);
  });

  it('of Gemma 3 without scores of their own, and with parts for pictures', () => {
    const model = create('gemma3', { text_config: { ...small, sliding_window: 4, sliding_window_pattern: 2 } });
    const fitting = model.sanitize?.({
      'language_model.model.norm.weight': mx.ones([16]),
      'vision_tower.weight': mx.ones([1]),
    });
    expect(Object.keys(fitting ?? {})).toEqual(['language_model.model.norm.weight']);
    expect(model.forward(mx.zeros([1, 3], mx.int32)).shape).toEqual([1, 3, small.vocab_size]);
    expect(model.makeCache?.().map(({ kind }) => kind)).toEqual(['RotatingKVCache', 'KVCache']);
  });
});

describe('a rotation that newer files name otherwise', () => {
  const scaling = { rope_type: 'llama3', factor: 4, original_max_position_embeddings: 16, low_freq_factor: 1 };
  const sliding = { sliding_window: 4, sliding_window_pattern: 2 };
  const plain = { rope_type: 'default', rope_theta: 500 };
  it.each<[string, object, object]>([
    ['llama', { rope_theta: 500 }, { rope_parameters: plain }],
    ['llama', { rope_theta: 300 }, { rope_theta: 300, rope_parameters: plain }],
    ['llama', { rope_theta: 500, rope_scaling: scaling }, { rope_parameters: { ...scaling, rope_theta: 500 } }],
    ['mistral', { rope_theta: 10_000 }, { rope_parameters: { rope_type: 'default' } }],
    ['qwen2', { rope_theta: 500 }, { rope_parameters: plain }],
    [
      'qwen3',
      { rope_theta: 500, rope_scaling: { type: 'linear', factor: 2 } },
      { rope_parameters: { ...plain, rope_type: 'linear', factor: 2 } },
    ],
    ['qwen3_moe', { ...experts, rope_theta: 500 }, { ...experts, rope_parameters: plain }],
    ['gemma2', { rope_theta: 500 }, { rope_parameters: plain }],
    [
      'gemma3_text',
      { ...sliding, rope_theta: 700, rope_local_base_freq: 500, rope_scaling: { rope_type: 'linear', factor: 8 } },
      {
        ...sliding,
        rope_parameters: {
          full_attention: { rope_type: 'linear', factor: 8, rope_theta: 700 },
          sliding_attention: plain,
        },
      },
    ],
    [
      'gemma3',
      { text_config: { ...small, ...sliding, rope_theta: 500 } },
      { text_config: { ...small, ...sliding, rope_theta: null, rope_parameters: plain } },
    ],
    [
      'phi3',
      { rope_theta: 500, partial_rotary_factor: 0.5 },
      { rope_parameters: { ...plain, partial_rotary_factor: 0.5 } },
    ],
  ])('is the same rotation: %s %j', (modelType, old, recent) => {
    const tokens = mx.array([[1, 5, 9, 2, 7, 11]], mx.int32);
    const scores = (fields: object) => {
      mx.random.seed(2);
      return create(modelType, { rope_theta: null, ...fields }).forward(tokens);
    };
    expect(mx.arrayEqual(scores(old), scores(recent)).item()).toBe(true);
  });

  it('is refused where it is none', () => {
    for (const wrong of [
      [],
      'default',
      { full_attention: 7 },
      { rope_type: 7 },
      { rope_type: 'default', rope_theta: '5' },
    ]) {
      expect(() => create('llama', { rope_theta: null, rope_parameters: wrong })).toThrow(FileError);
    }
    expect(() => create('llama', { rope_parameters: { rope_type: 'none' } })).toThrow(
      'no rotary encoding is named "none"',
    );
  });
});

it('sees a window without a cache as with one', () => {
  const layers = { layer_types: ['sliding_attention', 'full_attention'], sliding_window: 3 };
  const model = create('llama', layers);
  const tokens = mx.array([[1, 5, 9, 2, 7, 11, 3]], mx.int32);
  const whole = model.forward(tokens);
  const cache = model.makeCache!();
  expect(cache.map((one) => one.constructor)).toEqual([RotatingKVCache, KVCache]);
  const parts = [0, 1, 2, 3, 4, 5, 6].map((at) =>
    model.forward(tokens.index(new mx.Slice(), new mx.Slice(at, at + 1)), cache),
  );
  expect(mx.allclose(mx.concatenate(parts, 1), whole, { atol: 1e-5 }).item()).toBe(true);
});

it('says that Gemma 2 has no use for quantized caches', () => {
  const model = create('gemma2', {});
  const packed = [mx.zeros([1]), mx.zeros([1]), mx.zeros([1])];
  const cache = Object.assign(new KVCache(), { updateAndFetch: () => [packed, packed] });
  expect(() => model.forward(mx.zeros([1, 2], mx.int32), [cache, cache] as never)).toThrow(UnsupportedOperationError);
});
