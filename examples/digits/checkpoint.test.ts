import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileError, core as mx, shutdown } from '../../mlx/index.ts';
import * as utils from '../../mlx/utils/index.ts';
import { CheckpointError, readCheckpoint, restore, saveCheckpoint } from './checkpoint.ts';
import { type Digits, loadDigits, split } from './dataset.ts';
import { prepare, type Training, train } from './train.ts';

const folder = mkdtempSync(join(tmpdir(), 'digits-'));
const file = join(folder, 'checkpoint.safetensors');
const plan = { epochs: 4, seed: 11 };
const FEW = 200;
let parts: { train: Digits; test: Digits };

beforeAll(() => {
  const all = loadDigits();
  mx.random.seed(1);
  parts = split({ images: all.images.index(mx.Slice(0, FEW)), labels: all.labels.index(mx.Slice(0, FEW)) });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await shutdown();
});

function begin(): Training {
  mx.random.seed(plan.seed);
  return prepare(plan.epochs, parts.train.labels.length);
}

/** The bytes of every array and of the random sequence, and the history. */
function bits({ model, optimizer, history }: Training) {
  const arrays = utils.treeFlatten<mx.Array>([model, optimizer.state, mx.random.state]);
  const bytes = (array: mx.Array) => {
    const { buffer, byteOffset, byteLength } = array.toTypedArray();
    return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
  };
  return { arrays: arrays.map(([name, array]) => [name, array.dtype.name, bytes(array)]), history };
}

test('training that is stopped, saved and resumed goes on in every bit', () => {
  const whole = begin();
  train(whole, parts, { until: 4 });
  const expected = bits(whole);
  expect(expected.history).toHaveLength(4);
  expect(new Set(expected.history.map(({ loss }) => loss)).size).toBe(4);

  const stopped = begin();
  train(stopped, parts, { until: 2 });
  saveCheckpoint(file, stopped, plan);
  expect(bits(stopped)).not.toEqual(expected);

  // Another sequence, which the checkpoint's has to take the place of.
  mx.random.seed(99);
  const resumed = prepare(plan.epochs, parts.train.labels.length);
  const checkpoint = readCheckpoint(file);
  expect(checkpoint.plan).toEqual(plan);
  restore(resumed, checkpoint);
  train(resumed, parts, { until: 4 });
  expect(bits(resumed)).toEqual(expected);
});

test('a few epochs teach it, and equal seeds end equally', () => {
  const run = () => {
    const training = begin();
    train(training, parts, { until: 4 });
    return bits(training);
  };
  const first = run();
  expect(first.history.at(-1)?.loss).toBeLessThan((first.history[0]?.loss ?? 0) / 2);
  expect(run()).toEqual(first);
});

describe('a checkpoint is refused', () => {
  test('that is not there', () => {
    expect(() => readCheckpoint(join(folder, 'none.safetensors'))).toThrow(CheckpointError);
  });

  test('that is cut off', () => {
    saveCheckpoint(file, begin(), plan);
    const half = join(folder, 'half.safetensors');
    const bytes = readFileSync(file);
    writeFileSync(half, bytes.subarray(0, bytes.length / 2));
    expect(() => readCheckpoint(half)).toThrow(FileError);
  });

  test.each([
    ['without metadata', {}],
    ['with metadata that are no JSON', { digits: '{' }],
    ['without a plan', { digits: '{"history":[]}' }],
    ['with more epochs than planned', { digits: '{"plan":{"epochs":0,"seed":1},"history":[{"loss":1,"accuracy":1}]}' }],
    ['with a loss that is no number', { digits: '{"plan":{"epochs":1,"seed":1},"history":[{"accuracy":1}]}' }],
  ])('%s', (_, metadata) => {
    const foreign = join(folder, 'foreign.safetensors');
    mx.saveSafetensors(foreign, { a: mx.ones([2]) }, metadata);
    expect(() => readCheckpoint(foreign)).toThrow(/is no checkpoint of this example/);
  });

  test('of another network, and nothing was changed', () => {
    const training = begin();
    saveCheckpoint(file, training, plan);
    const checkpoint = readCheckpoint(file);
    const before = bits(training);
    const other = (arrays: Record<string, mx.Array>) => () =>
      restore(training, { ...checkpoint, arrays: { ...checkpoint.arrays, ...arrays } });
    expect(other({ 'model.output.weight': mx.zeros([10, 64]) })).toThrow(
      /expected float32 \[10,128\] as "model\.output\.weight", received float32 \[10,64\]/,
    );
    expect(other({ 'optimizer.conv1.weight.m': mx.zeros([8, 3, 3, 1], mx.float16) })).toThrow(/received float16/);
    const { 'random.0': _, ...without } = checkpoint.arrays;
    expect(() => restore(training, { ...checkpoint, arrays: without })).toThrow(/"random\.0", received nothing/);
    expect(bits(training)).toEqual(before);
  });
});
