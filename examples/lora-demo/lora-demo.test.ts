import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinyModel } from '../../lm/test-support/tiny-model.ts';
import { shutdown } from '../../mlx/index.ts';
import { writeDatasets } from './documents.ts';
import { fineTune } from './fine-tune.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-lora-demo-'));
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  mkdirSync(at('docs'));
  for (const page of ['a', 'b']) {
    const paragraphs = Array.from({ length: 30 }, (_, i) =>
      `Paragraph ${i} of ${page} says the same again. `.repeat(8),
    );
    writeFileSync(at(`docs/${page}.md`), [`# Page ${page}`, ...paragraphs].join('\n\n'));
  }
  writeFileSync(at('docs/picture.svg'), '<svg/>');
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await shutdown();
});

it('makes texts of pages, each with the title of its page', async () => {
  const counts = await writeDatasets(at('docs'), at('data'));
  const lines = (name: string): string[] =>
    readFileSync(at(`data/${name}.jsonl`), 'utf8')
      .trim()
      .split('\n');
  expect({ train: lines('train').length, valid: lines('valid').length }).toEqual(counts);
  expect(counts.valid).toBeGreaterThan(1);
  for (const line of [...lines('train'), ...lines('valid')])
    expect(JSON.parse(line).text).toMatch(/^# Page [ab]\n\nPar/);
  expect(lines('train').filter((line) => lines('valid').includes(line))).toEqual([]);
});

it('lowers the loss of texts that it has not learned, and saves adapters', async () => {
  writeTinyModel(at('model'));
  const reports: number[] = [];
  const { before, after } = await fineTune({
    ...{ model: at('model'), data: at('data'), adapters: at('adapters') },
    ...{ iterations: 20, numLayers: 2, learningRate: 1e-2 },
    onReport: ({ iteration }) => reports.push(iteration),
  });
  expect(reports).toEqual([10, 20]);
  expect(after).toBeLessThan(before - 0.5);
  expect(readFileSync(at('adapters/adapter_config.json'), 'utf8')).toContain('"num_layers": 2');
});
