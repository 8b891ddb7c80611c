import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, FileError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import { readConfig } from '../config/read-config.ts';
import { buildModel } from '../loading/build.ts';
import { readWeights } from '../loading/weights.ts';
import type { CausalModel } from '../models/model.ts';
import { prepareFineTuning, saveAdapterConfig } from '../training/adapters.ts';
import { CONFIG, golden, logitsOf, makeModel } from '../training/test-support/models.ts';
import { type ConvertOptions, convert } from './convert.ts';
import { fuse } from './fuse.ts';
import { quantizationRecipes, recipePredicate } from './recipes.ts';
import { saveWeights } from './shards.ts';

// Compiling kernels would take longer than all that they compute here.
mx.disableCompile();

const root = mkdtempSync(join(tmpdir(), 'mlx-router-convert-'));
const from = join(root, 'plain');
let count = 0;
const target = (): string => join(root, 'out', String(count++));
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));

async function opened(folder: string): Promise<CausalModel> {
  return buildModel(await readConfig(folder), await readWeights(folder), folder);
}

async function converted(options: Partial<ConvertOptions>) {
  const result = await convert({ from, to: target(), ...options });
  return { ...result, model: await opened(result.folder) };
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i] as number, 4);
}

beforeAll(async () => {
  mkdirSync(from);
  await saveWeights(from, makeModel());
  const extra = { _name_or_path: 'somewhere', vision_config: {}, far: { __float__: 'Infinity' } };
  writeFileSync(join(from, 'config.json'), JSON.stringify({ ...CONFIG, ...extra }));
  for (const name of ['tokenizer.json', 'chat_template.jinja', 'merges.txt', 'code.py', 'pytorch_model.bin']) {
    writeFileSync(join(from, name), name);
  }
  mkdirSync(join(from, 'additional_chat_templates'));
  writeFileSync(join(from, 'additional_chat_templates', 'tools.jinja'), 'tools');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('convert', () => {
  it('writes the weights, a sorted config, the index and the tokenizer', async () => {
    const { folder, model, parameters, bitsPerWeight } = await converted({});
    expectClose(logitsOf(model), golden.conversions.plain);
    expect({ parameters, bitsPerWeight }).toEqual({ parameters: 22688, bitsPerWeight: 32 });
    const config = json(folder, 'config.json');
    expect(Object.keys(config)).toEqual([...Object.keys({ ...CONFIG, far: 0 })].sort());
    expect(config.far).toEqual({ __float__: 'Infinity' });
    expect(readdirSync(folder).sort()).toEqual([
      'README.md',
      'additional_chat_templates',
      'chat_template.jinja',
      'code.py',
      'config.json',
      'merges.txt',
      'model.safetensors',
      'model.safetensors.index.json',
      'tokenizer.json',
    ]);
    const [, metadata] = mx.load(join(folder, 'model.safetensors') as `${string}.safetensors`, {
      returnMetadata: true,
    });
    expect(metadata).toEqual({ format: 'mlx' });
  });

  it.each([
    ['affine', { quantize: { bits: 4, groupSize: 32 } }],
    ['mxfp8', { quantize: { mode: 'mxfp8' } }],
    ['mixed_3_6', { recipe: 'mixed_3_6', quantize: { groupSize: 32 } }],
  ] as const)('quantizes as mlx_lm: %s', async (name, options) => {
    const expected = golden.conversions[name];
    const { folder, model } = await converted(options);
    expectClose(logitsOf(model), expected.logits);
    const { quantization, quantization_config } = json(folder, 'config.json');
    expect(quantization).toEqual(expected.quantization);
    expect(quantization_config).toEqual(expected.quantization);
    expect(json(folder, 'model.safetensors.index.json').metadata).toEqual(expected.metadata);
    if (expected.dequantized === undefined) return;
    const plain = await converted({ from: folder, dequantize: true });
    expectClose(logitsOf(plain.model), expected.dequantized);
    expect(json(plain.folder, 'config.json')).not.toHaveProperty('quantization');
  });

  it('cuts the weights into files, and names each in the index', async () => {
    const files: string[] = [];
    const { folder, model } = await converted({
      shardBytes: 30_000,
      dtype: 'bfloat16',
      onFile: (done, total) => files.push(`${done}/${total}`),
    });
    expect(files).toEqual(['1/2', '2/2']);
    const { weight_map: map, metadata } = json(folder, 'model.safetensors.index.json');
    expect(metadata).toEqual({ total_size: 22688 * 2, total_parameters: 22688 });
    expect(Object.keys(map)).toEqual(Object.keys(map).sort());
    expect(new Set(Object.values(map))).toEqual(
      new Set(['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']),
    );
    for (const [, { dtype }] of treeFlatten<mx.Array>(model.parameters())) expect(dtype).toBe(mx.bfloat16);
  });

  it('takes the dtype of the config where none is given', async () => {
    const folder = join(root, 'half');
    mkdirSync(folder);
    await saveWeights(folder, makeModel());
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...CONFIG, torch_dtype: 'float16' }));
    const { model } = await converted({ from: folder });
    for (const [, { dtype }] of treeFlatten<mx.Array>(model.parameters())) expect(dtype).toBe(mx.float16);
  });

  it('refuses what cannot be, and leaves nothing half written', async () => {
    const wrong = (options: object) => convert({ from, to: target(), ...options });
    await expect(wrong({ to: root })).rejects.toThrow(/is there already; remove it, or name another folder/);
    await expect(wrong({ to: '' })).rejects.toThrow(ArgumentError);
    await expect(wrong({ from: join(root, 'nowhere') })).rejects.toThrow(FileError);
    await expect(wrong({ quantize: {}, dequantize: true })).rejects.toThrow(/not both/);
    await expect(wrong({ recipe: 'mixed_1_2' })).rejects.toThrow(/there are mixed_2_6, mixed_3_4/);
    await expect(wrong({ recipe: 'mixed_2_6', quantize: { mode: 'mxfp4' } })).rejects.toThrow(/"affine" only/);
    await expect(wrong({ quantize: { mode: 'int8' } })).rejects.toThrow(/no mode is named "int8"/);
    await expect(wrong({ quantize: { bits: 7, groupSize: 32 } })).rejects.toThrow();
    await expect(wrong({ dtype: 'int8' })).rejects.toThrow(/float16, bfloat16, float32/);
    await expect(wrong({ shardBytes: Number.NaN })).rejects.toThrow(/"shardBytes"/);
    // A folder that cannot be copied fails after the weights are written.
    const folder = join(root, 'broken');
    mkdirSync(folder);
    await saveWeights(folder, makeModel());
    writeFileSync(join(folder, 'config.json'), JSON.stringify(CONFIG));
    const out = target();
    const stop = () => {
      throw new Error('stopped');
    };
    await expect(convert({ from: folder, to: out, onFile: stop })).rejects.toThrow('stopped');
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(join(root, 'out')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('gives the first, the last and each third layer more bits in a recipe', () => {
    const layers = Array.from({ length: 16 });
    const model = { layers, namedModules: () => [['model.layers.0.mlp.down_proj', null]] } as unknown as CausalModel;
    const bits = (recipe: (typeof quantizationRecipes)[number]) => {
      const how = recipePredicate(recipe, model, 64);
      return layers.flatMap((_, i) => (how(`model.layers.${i}.mlp.down_proj`).bits === 4 ? [] : [i]));
    };
    expect(bits('mixed_4_6')).toEqual([0, 1, 4, 7, 10, 13, 14, 15]);
    expect(quantizationRecipes).toHaveLength(4);
    expect(recipePredicate('mixed_3_4', model, 64)('lm_head')).toEqual({ groupSize: 64, bits: 4, mode: 'affine' });
    const other = { layers, namedModules: () => [] } as unknown as CausalModel;
    expect(() => recipePredicate('mixed_3_4', other, 64)).toThrow(/choose one number of bits/);
  });
});

describe('fuse', () => {
  it.each([
    [false, 'lora'],
    [true, 'lora'],
    [false, 'dora'],
  ] as const)('puts adapters into quantized weights (dequantized: %s, %s)', async (dequantize, fineTuneType) => {
    const { folder } = await convert({ from, to: target(), quantize: { bits: 8, groupSize: 32 } });
    const model = await opened(folder);
    const config = { fineTuneType, numLayers: 2, loraParameters: { rank: 2, scale: 1 } };
    prepareFineTuning(model, config);
    for (const module of model.modules()) {
      if ('lora_b' in module) Object.assign(module, { lora_b: mx.random.normal((module.lora_b as mx.Array).shape) });
    }
    const adapters = target();
    await saveAdapterConfig(adapters, config);
    const weights = Object.fromEntries(treeFlatten<mx.Array>(model.trainableParameters()));
    mx.saveSafetensors(join(adapters, 'adapters.safetensors'), weights);
    const result = await fuse({ from: folder, adapters, to: target(), dequantize });
    expect(result.layers).toBe(14);
    const fused = await opened(result.folder);
    expect('quantization' in json(result.folder, 'config.json')).toBe(!dequantize);
    const [expected, actual] = [logitsOf(model), logitsOf(fused)];
    for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i] as number, dequantize ? 4 : 0);
    await expect(fuse({ from, adapters: root, to: target() })).rejects.toThrow(/has no adapter_config\.json/);
  });
});
