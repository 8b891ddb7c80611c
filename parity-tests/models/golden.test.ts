import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigFields } from '../../lm/config/fields.ts';
import { architectures, createModel } from '../../lm/models/registry.ts';
import type { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import { type GoldenAnswer, type GoldenCase, goldenCases, SCORES } from './golden-cases.ts';
import { generated, logitsOf } from './ours.ts';
import { MODELS, type ModelRow } from './rows.ts';
import { goldenFile } from './test-support/golden-file.ts';
import { formulaWeight } from './weight-formula.ts';

// What mlx_lm computed once (scripts/write-model-goldens.ts), for machines that do not have it. There the BLAS may be
// another, so scores are close here and not equal; `mlx-router parity --models` compares every bit.

function modelOf({ config, quantization }: GoldenCase) {
  const model = createModel(new ConfigFields(config));
  const parameters = treeFlatten(model.parameters()) as [string, mx.Array][];
  model.loadWeights(parameters.map(([name, { shape }]) => [name, formulaWeight(name, shape)]));
  if (quantization !== null) nn.quantize(model, quantization.group_size, quantization.bits);
  return model.eval();
}

function goldenOf(row: ModelRow): (GoldenAnswer & { title: string })[] {
  return JSON.parse(readFileSync(goldenFile(row), 'utf8')).cases;
}

it('has a row for each architecture', () => {
  expect(MODELS.map(({ name }) => name).sort()).toEqual(architectures.map(({ name }) => name).sort());
});

for (const row of MODELS) {
  describe(row.name, () => {
    const golden = goldenOf(row);
    it.each(goldenCases(row))('computes what mlx_lm computed: $title', async (asked) => {
      const { scores, tokens } = golden.find(({ title }) => title === asked.title)!;
      const { prompt, count } = asked;
      const model = modelOf(asked);
      const run = { tokens: [prompt], pieces: [prompt.length], cache: 'own', window: 0 } as const;
      const found = (logitsOf(model, run)[0] as mx.Array).index(0, -1).tolist() as number[];
      expect(scores).toHaveLength(SCORES);
      for (const [index, score] of scores.entries()) expect(found[index]).toBeCloseTo(score, 3);
      const greedy = { prompt, count, seed: null, cache: 'own', window: 0, prefill: 512 } as const;
      expect(await generated(model, greedy)).toEqual(tokens);
    });
  });
}
