import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyModel } from '../../lm/test-support/tiny-model.ts';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { type Command, UsageError } from '../command.ts';
import { captureOutput } from '../test-support/output.ts';
import { convert } from './convert.ts';
import { fuse } from './fuse.ts';
import { lora } from './lora.ts';
import { perplexity } from './perplexity.ts';

// Compiling kernels would take longer than all that they compute here.
mx.disableCompile();

const root = mkdtempSync(join(tmpdir(), 'mlx-router-lora-'));
const model = join(root, 'model');
const data = join(root, 'data');
const output = captureOutput();

beforeAll(() => {
  writeTinyModel(model);
  mkdirSync(data);
  const lines = Array.from({ length: 8 }, (_, i) => JSON.stringify({ prompt: `${i}+1`, completion: `${i + 1}` }));
  for (const name of ['train', 'valid', 'test']) writeFileSync(join(data, `${name}.jsonl`), lines.join('\n'));
});
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  await shutdown();
});

async function run(command: Command, ...args: string[]) {
  output.stdout = '';
  expect(await command.run([...args, '--json'])).toBe(0);
  return JSON.parse(output.stdout);
}

describe('the commands of training', () => {
  it('quantize a model, train it, go on, measure it and fuse it', async () => {
    const quantized = join(root, 'quantized');
    const written = await run(convert, '--model', model, '--mlx-path', quantized, '-q', '--q-group-size', '32');
    expect(written.bitsPerWeight).toBeLessThan(8);

    const adapters = join(root, 'adapters');
    const common = ['--model', quantized, '--data', data, '--adapter-path', adapters, '--batch-size', '2'];
    const training = [...common, '--train', '--num-layers', '1', '--rank', '2', '--learning-rate', '1e-2'];
    const first = await run(lora, ...training, '--iters', '4', '--steps-per-report', '2', '--mask-prompt');
    expect(first.reports.map(({ iteration }: { iteration: number }) => iteration)).toEqual([2, 4]);
    expect(first.validation.length).toBe(2);
    expect(output.stderr).toMatch(/iteration 4: loss \d/);
    const config = JSON.parse(readFileSync(join(adapters, 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({ fine_tune_type: 'lora', num_layers: 1, model: quantized, batch_size: 2 });
    expect(config.lora_parameters).toEqual({ rank: 2, scale: 20, dropout: 0 });

    const second = await run(lora, ...training, '--iters', '6', '--resume', '--mask-prompt', '--test');
    expect(second.iterations).toBe(6);
    expect(second.test.perplexity).toBeCloseTo(Math.exp(second.test.loss), 6);
    const tested = await run(lora, ...common, '--test', '--mask-prompt');
    expect(tested.test.loss).toBeCloseTo(second.test.loss, 5);

    const fused = await run(fuse, '--model', quantized, '--adapter-path', adapters, '--save-path', join(root, 'fused'));
    expect(fused.layers).toBe(7);
    expect(existsSync(join(root, 'fused', 'tokenizer.json'))).toBe(true);
    const file = join(data, 'test.jsonl');
    const how = ['--data-path', file, '--sequence-length', '16', '--num-samples', '-1'];
    const plain = await run(perplexity, '--model', quantized, '--adapter-path', adapters, ...how);
    const after = await run(perplexity, '--model', join(root, 'fused'), ...how);
    expect(after.tokens).toBe(plain.tokens);
    expect(Math.abs(after.perplexity / plain.perplexity - 1)).toBeLessThan(0.2);
  });

  it.each([
    ['lora', ['--model', 'm', '--data', 'd'], /expected --train, --test, or both/],
    ['lora', ['--train'], /--model is missing/],
    ['lora', ['--train', '--model', 'm'], /--data is missing: a folder with train\.jsonl/],
    [
      'lora',
      ['--train', '--model', 'm', '--data', 'd', '--iters', '0'],
      /--iters: expected a whole number of at least 1/,
    ],
    ['lora', ['--train', '--model', 'm', '--data', 'd', '--val-batches', '0'], /or -1 for all/],
    ['lora', ['--train', '--fine-tune-type', 'qlora', '--model', 'm', '--data', 'd'], /none of lora, dora, full/],
    ['lora', ['--train', '--learning-rate', 'x', '--model', 'm', '--data', 'd'], /expected a number, received "x"/],
    ['lora', ['--train', '--lerning-rate', 'x'], /did you mean "--learning-rate"\?/],
    ['lora', ['--train', '--resume', '--resume-adapter-file', 'f'], /give one of them/],
    ['convert', [], /--model is missing/],
    ['convert', ['--model', 'm', '--q-mode', 'int4'], /none of affine, mxfp4/],
    ['convert', ['--model', 'm', '--q-bits', '0'], /--q-bits/],
    ['fuse', [], /--model is missing/],
    ['perplexity', ['--model', 'm'], /--data-path is missing/],
    ['perplexity', ['--model', 'm', '--data-path', 'd', '--num-samples', '0'], /--num-samples/],
  ] as const)('%s refuses %j', async (name, args, message) => {
    const command: Command = { lora, convert, fuse, perplexity }[name];
    await expect(command.run([...args])).rejects.toThrow(message);
    await expect(command.run([...args])).rejects.toThrow(UsageError);
  });

  it('say what is missing', async () => {
    await expect(lora.run(['--train', '--model', join(root, 'none'), '--data', data])).rejects.toThrow(/is no folder/);
    const args = ['--train', '--model', model, '--data', join(root, 'model')];
    await expect(lora.run(args)).rejects.toThrow(/has none of train\.jsonl, valid\.jsonl and test\.jsonl/);
    await expect(convert.run(['--model', model, '--mlx-path', data])).rejects.toThrow(/is there already/);
    await expect(fuse.run(['--model', model, '--adapter-path', data])).rejects.toThrow(/has no adapter_config\.json/);
  });
});
