import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { ArgumentError, FileError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import { ConfigFields } from '../config/fields.ts';
import { fuseLayers } from '../convert/fuse.ts';
import type { CausalModel } from '../models/model.ts';
import { createModel } from '../models/registry.ts';
import { loadAdapters, prepareFineTuning, saveAdapterConfig } from './adapters.ts';
import { Batches } from './batches.ts';
import { loadDatasets, readExamples, type TrainingTokenizer } from './datasets.ts';
import { DoRALinear } from './dora.ts';
import { TrainingError } from './errors.ts';
import { checkpointBlocks } from './grad-checkpoint.ts';
import { LoRAEmbedding, LoRALinear } from './lora.ts';
import { linearToLoraLayers } from './lora-layers.ts';
import { LoRASwitchLinear } from './lora-switch.ts';
import { defaultLoss, evaluate } from './loss.ts';
import type { TrainOptions } from './options.ts';
import { NumpyRandom } from './random.ts';
import { CONFIG, EXAMPLES, fill, golden, logitsOf, makeModel } from './test-support/models.ts';
import { train } from './train.ts';

const root = mkdtempSync(join(tmpdir(), 'mlx-router-training-'));
let folders = 0;
const folder = (): string => {
  const path = join(root, String(folders++));
  mkdirSync(path);
  return path;
};
afterAll(() => rmSync(root, { recursive: true, force: true }));

// Compiling the kernels of a step takes longer than all steps here; one test compiles them.
mx.disableCompile();

const LORA = { rank: 4, scale: 10 };
type Kind = 'lora' | 'dora' | 'full';

function prepared(kind: Kind = 'lora', dropout = 0): CausalModel {
  const model = makeModel();
  mx.random.seed(3);
  prepareFineTuning(model, { fineTuneType: kind, numLayers: 1, loraParameters: { ...LORA, dropout } });
  return model;
}

const adam = () => new optimizers.Adam(optimizers.cosineDecay(1e-2, 8));
const BASE: TrainOptions = { batchSize: 2, iterations: 8, maxSeqLength: 32, seed: 3, stepsPerReport: 1 };
const weightsOf = (model: CausalModel) =>
  treeFlatten<mx.Array>(model.trainableParameters()).map(([name, array]) => [name, array.tolist()]);

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i] as number, 3);
}

describe('training, as mlx_lm does it', () => {
  const cases: [
    string,
    Kind,
    { quantize?: boolean; tied?: boolean; keys?: string[]; steps?: number; dropout?: number },
  ][] = [
    ['lora', 'lora', {}],
    ['loraDropout', 'lora', { dropout: 0.2, steps: 2, keys: ['self_attn.q_proj'] }],
    ['dora', 'dora', { keys: ['self_attn.q_proj', 'mlp.down_proj'] }],
    ['quantized', 'lora', { quantize: true }],
    ['doraQuantized', 'dora', { quantize: true }],
    ['embedding', 'lora', { tied: true, keys: ['self_attn.v_proj', 'model.embed_tokens'] }],
    ['doraEmbedding', 'dora', { tied: true, keys: ['model.embed_tokens'] }],
    ['full', 'full', {}],
  ];
  it.each(cases)('%s: the same losses, weights and fused weights', async (name, kind, how) => {
    const expected = golden.training[name];
    const model = makeModel(how.tied);
    if (how.quantize) nn.quantize(model, 32, 4);
    mx.random.seed(3);
    const loraParameters = { ...LORA, dropout: how.dropout ?? 0, keys: how.keys };
    prepareFineTuning(model, { fineTuneType: kind, numLayers: 1, loraParameters });
    if (kind !== 'full') fill(model, 'lora_a', 100);
    mx.random.seed(3);
    const losses: number[] = [];
    const validation: number[] = [];
    const result = await train(
      model,
      adam(),
      { train: EXAMPLES, valid: EXAMPLES.slice(0, 6) },
      {
        ...BASE,
        stepsPerValidation: 4,
        validationBatches: 2,
        gradAccumulationSteps: how.steps,
        onReport: ({ loss }) => losses.push(loss),
        onValidation: ({ loss }) => validation.push(loss),
      },
    );
    expect(treeFlatten(model.trainableParameters())).toHaveLength(expected.trainable);
    expectClose(losses, expected.losses);
    expectClose(validation, expected.validation);
    expectClose(logitsOf(model), expected.logits);
    expectClose([await evaluate(model, EXAMPLES, { batchSize: 2 })], [expected.loss]);
    expect(result.iterations).toBe(8);
    if (expected.fused !== undefined) {
      expect(fuseLayers(model)).toBeGreaterThan(0);
      expectClose(logitsOf(model), expected.fused);
    }
  });

  it('draws the same initial values', () => {
    mx.random.seed(5);
    const settings = { rank: 2, scale: 20, dropout: 0 };
    const linear = new LoRALinear(new nn.Linear(8, 4), settings);
    const embedding = new LoRAEmbedding(new nn.Embedding(8, 4), settings);
    const dora = new DoRALinear(new nn.Linear(8, 4, false), settings);
    const expected = golden.initial;
    const values = (array: mx.Array) => array.flatten().tolist() as number[];
    expectClose(values(linear.lora_a), expected.linear);
    expectClose(values(embedding.lora_a), expected.embedding);
    expectClose(values(dora.lora_a), expected.dora);
    expectClose(values(dora.m), expected.m);
  });

  it('draws the permutations of NumPy', () => {
    const random = new NumpyRandom(7);
    const lengths = [1, 2, 9, 700, 5];
    const drawn = lengths.map((length) => random.permutation(length));
    expect([drawn[0], drawn[1], drawn[2], drawn[4]]).toEqual(golden.permutations);
    expect(() => new NumpyRandom(-1)).toThrow(ArgumentError);
  });
});

describe('train', () => {
  it('goes on in every bit as if it had not been interrupted', async () => {
    mx.enableCompile();
    onTestFinished(() => mx.disableCompile());
    const data = { train: EXAMPLES, valid: EXAMPLES.slice(0, 4) };
    const options = { ...BASE, gradAccumulationSteps: 2, stepsPerValidation: 3 };
    const whole = prepared('lora', 0.2);
    await train(whole, adam(), data, options);

    const into = folder();
    const controller = new AbortController();
    const onReport = ({ iteration }: { iteration: number }) => iteration === 5 && controller.abort(new Error('enough'));
    const interrupted = train(prepared('lora', 0.2), adam(), data, {
      ...{ ...options, folder: into, stepsPerSave: 2, signal: controller.signal, onReport },
    });
    await expect(interrupted).rejects.toThrow('enough');
    expect(readdirSync(into).sort()).toEqual(
      ['0000002', '0000004', '0000005']
        .map((n) => `${n}_adapters.safetensors`)
        .concat(['adapters.safetensors', 'training_state.safetensors']),
    );
    const resumed = prepared('lora', 0.2);
    mx.random.seed(99);
    const result = await train(resumed, adam(), data, { ...options, folder: into, resume: true });
    expect(weightsOf(resumed)).toEqual(weightsOf(whole));
    expect(result.trainedTokens).toBeGreaterThan(100);
    const other = train(prepared(), adam(), data, { ...options, seed: 4, folder: into, resume: true });
    await expect(other).rejects.toThrow(/belongs to 12 examples .* seed 3; this training has .* seed 4/);
    await expect(train(prepared(), adam(), data, { resume: true, folder: folder() })).rejects.toThrow(FileError);
  });

  it('names the iteration whose loss is no number, and keeps the weights before it', async () => {
    const into = folder();
    const model = prepared();
    let after: unknown;
    const loss: typeof defaultLoss = (m, tokens, lengths) => {
      const [value, count] = defaultLoss(m, tokens, lengths);
      // In the step that follows two updates, whose learning rates the optimizer has counted.
      return [mx.where(optimizer.step.greaterEqual(2), Number.NaN, value), count];
    };
    const optimizer = adam();
    const onReport = () => {
      after = weightsOf(model);
    };
    const training = train(model, optimizer, { train: EXAMPLES }, { ...BASE, loss, folder: into, onReport });
    const error = (await training.catch((reason: unknown) => reason)) as TrainingError;
    expect(error).toBeInstanceOf(TrainingError);
    expect(error.iteration).toBe(3);
    expect(error.code).toBe('ERR_MLX_TRAINING');
    expect(error.message).toMatch(/the loss of iteration 3 is NaN: .* the weights of iteration 2 are kept in/);
    expect(weightsOf(model)).toEqual(after);
    const kept = mx.load(join(into, 'adapters.safetensors') as `${string}.safetensors`) as Record<string, mx.Array>;
    expect(weightsOf(model).map(([name]) => [name, kept[name as string]?.tolist()])).toEqual(after);
  });

  it('says where no token is learned', async () => {
    const examples = EXAMPLES.slice(8).map(({ tokens }) => ({ tokens, offset: 40 }));
    const training = train(prepared(), adam(), { train: examples }, BASE);
    await expect(training).rejects.toThrow(/no token of the batch is learned.*maxSeqLength/);
  });

  it('computes the same with blocks that compute again', async () => {
    const run = async (gradCheckpoint: boolean) => {
      const model = prepared();
      const longest: number[] = [];
      const onTruncated = (length: number) => longest.push(length);
      await train(model, adam(), { train: EXAMPLES }, { ...BASE, iterations: 2, gradCheckpoint, onTruncated });
      expect(longest.length).toBeLessThan(2);
      expect(Object.keys(model.layers[0] as nn.Module)).not.toContain('forward');
      return weightsOf(model).flatMap(([, values]) => (values as number[][]).flat());
    };
    const [kept, again] = [await run(false), await run(true)];
    expectClose(again, kept);
  });

  it('drops the same elements in blocks that compute again', () => {
    class Block extends nn.Module {
      weight = mx.array(1);
      dropout = new nn.Dropout(0.5);
      override forward(x: mx.Array) {
        return this.dropout.forward(x.multiply(this.weight));
      }
    }
    const block = new Block();
    const restore = checkpointBlocks({ layers: [block] });
    // The loss is the number of elements that are kept, times 2; so is its derivative by a factor of 1.
    const [loss, gradients] = nn.valueAndGrad(block, (x: mx.Array) => block.forward(x).sum())(mx.ones([1000]));
    expect((gradients['weight'] as mx.Array).item()).toBe(loss.item());
    restore();
    expect(Object.getOwnPropertyNames(block)).not.toContain('forward');
  });

  it('refuses what cannot be', async () => {
    const model = prepared();
    const data = { train: EXAMPLES };
    for (const [options, message] of [
      [{ batchSize: 13 }, /at least as many examples as a batch has, 13, received 12/],
      [{ iterations: 0 }, /"iterations"/],
      [{ gradAccumulationSteps: 1.5 }, /"gradAccumulationSteps"/],
      [{ maxSeqLength: 1 }, /"maxSeqLength"/],
      [{ seed: -1 }, /"seed"/],
      [{ resume: true }, /"folder"/],
    ] as const) {
      await expect(train(model, adam(), data, options)).rejects.toThrow(message);
      await expect(train(model, adam(), data, options)).rejects.toThrow(ArgumentError);
    }
    await expect(evaluate(model, [])).rejects.toThrow(/received 0/);
    await expect(evaluate(model, EXAMPLES, { batches: 0 })).rejects.toThrow(ArgumentError);
  });
});

describe('adapters', () => {
  it('come back from their folder', async () => {
    const into = folder();
    const config = { fineTuneType: 'dora', numLayers: 1, loraParameters: LORA } as const;
    const model = prepared('dora');
    await saveAdapterConfig(into, config, { model: 'a model' });
    await train(model, adam(), { train: EXAMPLES }, { ...BASE, iterations: 2, folder: into });
    expect(JSON.parse(readFileSync(join(into, 'adapter_config.json'), 'utf8'))).toEqual({
      fine_tune_type: 'dora',
      lora_parameters: { rank: 4, dropout: 0, scale: 10 },
      model: 'a model',
      num_layers: 1,
    });
    const loaded = await loadAdapters(makeModel().eval() as CausalModel, into);
    expect(logitsOf(loaded)).toEqual(logitsOf(model));
    writeFileSync(join(into, 'adapter_config.json'), '{"num_layers": 2, "lora_parameters": {"rank": 2, "scale": 1}}');
    await expect(loadAdapters(makeModel(), into)).rejects.toThrow(/does not fit the model:\n {2}model\.layers\.1/);
    writeFileSync(join(into, 'adapters.safetensors'), 'short');
    await expect(loadAdapters(makeModel(), into)).rejects.toThrow(FileError);
    for (const text of ['{"fine_tune_type": "other"}', '{"num_layers": 1}', '{"lora_parameters": {}}', '[]']) {
      writeFileSync(join(into, 'adapter_config.json'), text);
      await expect(loadAdapters(makeModel(), into)).rejects.toThrow(FileError);
    }
    await expect(loadAdapters(makeModel(), folder())).rejects.toThrow(/has no adapter_config\.json/);
  });

  it('are for experts, too', () => {
    const config = { ...CONFIG, model_type: 'mixtral', num_local_experts: 4, num_experts_per_tok: 2 };
    for (const quantize of [false, true]) {
      const model = fill(createModel(new ConfigFields(config)), 'weight', 0);
      if (quantize) nn.quantize(model, 32, 8);
      const before = logitsOf(model);
      linearToLoraLayers(model, -1, { ...LORA, keys: ['block_sparse_moe.switch_mlp.down_proj'] });
      expect(model.modules().filter((module) => module instanceof LoRASwitchLinear)).toHaveLength(2);
      // The second matrices are zeros at first.
      expectClose(logitsOf(model), before);
      fill(model, 'lora_b', 50);
      const adapted = logitsOf(model);
      expect(adapted).not.toEqual(before);
      expect(fuseLayers(model, { dequantize: true })).toBe(2);
      expectClose(logitsOf(model), adapted);
      expect(model.modules().some((module) => module instanceof LoRASwitchLinear || 'scales' in module)).toBe(false);
    }
    const model = createModel(new ConfigFields(config));
    const dora = () => linearToLoraLayers(model, -1, LORA, { useDora: true });
    expect(dora).toThrow(/a SwitchLinear, ".*", has no form with DoRA/);
  });

  it('refuse settings that cannot be', () => {
    const make = (parameters: object, layers = 1) => linearToLoraLayers(makeModel(), layers, parameters as never);
    expect(() => make({ rank: 4, alpha: 8 })).toThrow(/"alpha" of other libraries is scale · rank/);
    expect(() => make({ rank: 0, scale: 1 })).toThrow(/"rank"/);
    expect(() => make({ rank: 1, scale: 1, dropout: 1 })).toThrow(/"dropout"/);
    expect(() => make({ rank: 1, scale: 1, keys: 'q' })).toThrow(/"keys"/);
    expect(() => make({ rank: 1, scale: 1, keys: ['q'] })).toThrow(/its blocks have .*self_attn\.q_proj/);
    expect(() => make(LORA, 3)).toThrow(/up to the model's 2/);
    expect(() => make({ ...LORA, keys: ['input_layernorm'] })).toThrow(/a RMSNorm, "input_layernorm", has no form/);
  });
});

describe('data sets', () => {
  const codes = (text: string) => Array.from(text, (c) => (c.codePointAt(0) as number) % 60);
  const tokenizer: TrainingTokenizer = {
    encode: (text, { addSpecialTokens = true } = {}) => [...(addSpecialTokens ? [1] : []), ...codes(text)],
    eosTokenIds: new Set([63]),
    applyChatTemplate: (messages, { tools, addGenerationPrompt } = {}) =>
      (tools ? `[${tools.length}]` : '') +
      messages.map(({ role, content }) => `<${role}>${content}`).join('') +
      (addGenerationPrompt ? '<assistant>' : ''),
  };
  const read = async (text: string, options = {}) => {
    const file = join(folder(), 'train.jsonl');
    writeFileSync(file, text);
    return readExamples(file, tokenizer, options);
  };
  const user = { role: 'user', content: 'Hi' };

  it('have the tokens and offsets of mlx_lm', async () => {
    const chat = { messages: [user, { role: 'assistant', content: 'Yes?' }], tools: [{ name: 'a' }] };
    for (const [name, line, maskPrompt] of [
      ['text', { text: 'abc' }, false],
      ['chat', chat, true],
      ['question', { messages: [user] }, true],
      ['pair', { prompt: '1+1', completion: '2' }, true],
    ] as const) {
      const [example] = await read(`${JSON.stringify(line)}\n`, { maskPrompt });
      expect([Array.from(example?.tokens ?? []), example?.offset]).toEqual(golden.datasets[name]);
    }
    expect(await read('\n{"text": ""}\n\n')).toMatchObject([{ offset: 0 }]);
    expect((await read(JSON.stringify(chat)))[0]?.offset).toBe(0);
  });

  it.each([
    ['{"text": "a"}\n{"text": 1}', ':2: expected a string for "text", received 1'],
    ['{"text": "a"}\n\n{"text', ':3: it is no JSON'],
    ['{"text": "a"}\n{"messages": [{"role": "user"}]}', ':2: expected the form of the lines before, "text"'],
    ['{"txt": 1}', ':1: expected {"text"}, {"prompt", "completion"} or {"messages"}, received {"txt": 1}'],
    ['null', ':1: expected {"text"}'],
    ['[1]', ':1: expected {"text"}'],
    ['{"messages": []}', ':1: expected a list of messages'],
    ['{"messages": [1]}', ':1: expected a list of messages'],
    ['{"prompt": "a", "completion": null}', ':1: expected a string for "completion"'],
    ['{"messages": [{"role": "user"}], "tools": 1}', ':1: expected a list for "tools"'],
  ])('refuse %j by file and line', async (text, message) => {
    await expect(read(text)).rejects.toThrow(`train.jsonl${message}`);
    await expect(read(text)).rejects.toThrow(FileError);
  });

  it('refuse a mask without a prompt, and folders without data', async () => {
    await expect(read('{"text": "a"}', { maskPrompt: true })).rejects.toThrow(/:1: there is no prompt to mask/);
    await expect(loadDatasets(folder(), tokenizer)).rejects.toThrow(/has none of train\.jsonl/);
    const path = folder();
    writeFileSync(join(path, 'valid.jsonl'), '');
    expect(await loadDatasets(path, tokenizer)).toEqual({ train: [], valid: [], test: [] });
  });

  it('are cut into padded batches of like lengths', () => {
    const batches = new Batches([...EXAMPLES].reverse(), { batchSize: 2, maxSeqLength: 40 }, new NumpyRandom(0));
    expect(batches.count).toBe(6);
    const drawn = Array.from({ length: 6 }, () => batches.next());
    expect(drawn.map(({ tokens }) => tokens.shape[1]).sort()).toEqual([33, 33, 33, 40, 40, 40]);
    const lengths = drawn.map((batch) => (batch.lengths.tolist() as number[][]).map(([, length]) => length as number));
    expect(lengths.flat().sort((a, b) => a - b)).toEqual([5, 9, 13, 17, 21, 25, 29, 33, 37, 40, 40, 40]);
    for (const [a, b] of lengths as [number, number][]) expect(b - a).toBeLessThanOrEqual(4);
  });
});
