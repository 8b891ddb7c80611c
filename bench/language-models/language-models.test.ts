import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeTinyModel } from '../../lm/test-support/tiny-model.ts';
import { shutdown } from '../../mlx/index.ts';
import { type Measurement, measureRows } from '../measure.ts';
import { ROWS } from '../rows.ts';
import { llamaProblem } from './llama-cpp.ts';
import { sentences, words } from './sentences.ts';
import { type Setting, VARIABLE } from './setting.ts';
import { encoderShape } from './shapes.ts';
import { type LanguageModelSurroundings, surroundLanguageModels } from './surroundings.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-bench-lm-'));
const encoder = { ...encoderShape, hidden_size: 48, num_hidden_layers: 2, intermediate_size: 64 };
let around: LanguageModelSurroundings;
let setting: Setting;

beforeAll(async () => {
  const model = join(folder, 'model');
  writeTinyModel(model);
  around = await surroundLanguageModels({ model, encoder });
  setting = JSON.parse(String(around.env?.[VARIABLE]));
});
afterAll(async () => {
  around.end();
  rmSync(folder, { recursive: true, force: true });
  await shutdown();
});

describe('the models that are measured', () => {
  it('have both forms of the same weights', () => {
    const config = (form: 'full' | 'quantized') => JSON.parse(readFileSync(join(setting[form], 'config.json'), 'utf8'));
    expect(config('full')).not.toHaveProperty('quantization');
    expect(config('quantized')).toMatchObject({ quantization: { bits: 4, group_size: 32 } });
    expect(around.models).toEqual({ language: 'model', encoder: 'random weights' });
  });

  it('embed texts of words that the tokenizer of random weights knows', () => {
    const known = new Set(words());
    const texts = JSON.parse(readFileSync(setting.sentences, 'utf8')) as string[];
    expect(texts).toEqual(sentences(256));
    expect(texts.flatMap((text) => text.split(' ')).every((word) => known.has(word))).toBe(true);
  });
});

describe('the suite lm', () => {
  let measured: Measurement[];

  beforeAll(async () => {
    // What it measures runs in children, which load TypeScript as this process does.
    vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--import', 'tsx']);
    // The Python of a checkout has no mlx_lm, unless it is found elsewhere.
    const env = { [VARIABLE]: JSON.stringify({ ...setting, site: join(folder, 'nowhere') }) };
    const rows = ROWS.filter(({ suite }) => suite === 'lm');
    const seen: string[] = [];
    measured = await measureRows(rows, 1, { ...around, env, progress: ({ name }) => seen.push(name) });
    expect(seen).toEqual(rows.map(({ name }) => name));
  });

  it('measures ours', () => {
    for (const { ours, unit, name } of measured) {
      if (unit === 'ms') expect(ours.min, name).toBeGreaterThan(0);
      else expect(Number.isFinite(ours.median), name).toBe(true);
    }
    const decode = measured.find(({ name }) => name === 'decode') as Measurement;
    expect(decode.rate?.unit).toBe('tokens/s');
    expect(decode.rate?.ours).toBeCloseTo(1000 / decode.ours.median);
  });

  it('says how to install mlx_lm where Python lacks it', () => {
    const { python, ratio, recommendation } = measured.find(({ name }) => name === 'prefill') as Measurement;
    expect({ python, ratio }).toEqual({ python: null, ratio: null });
    expect(recommendation).toBe('not compared: Python has no mlx_lm; "npm run models" installs it');
  });

  it('names what llama.cpp lacks, in the rows that it has, too', () => {
    const names = measured.filter(({ peers }) => peers.length > 0).map(({ name }) => name);
    expect(names).toEqual(['prefill', 'prefill-quantized', 'decode', 'decode-quantized']);
    const peer = measured.find(({ name }) => name === 'decode')?.peers[0];
    expect(peer).toMatchObject({ name: 'llama.cpp', figures: null, ratio: null, problem: llamaProblem(null) });
    expect(llamaProblem(null)).toMatch(/not installed: --peers installs it|\.gguf/);
  });

  it('leaves no files behind', () => {
    const { full } = setting;
    expect(existsSync(full)).toBe(true);
    around.end();
    expect(existsSync(full)).toBe(false);
  });
});
