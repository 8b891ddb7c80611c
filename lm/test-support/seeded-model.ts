import { core as mx } from '../../mlx/index.ts';
import * as utils from '../../mlx/utils/index.ts';
import { ConfigFields, type RawConfig } from '../config/fields.ts';
import type { CausalModel } from '../models/model.ts';
import { createModel } from '../models/registry.ts';

export const tinyConfig: RawConfig = {
  model_type: 'llama',
  hidden_size: 64,
  num_hidden_layers: 2,
  intermediate_size: 96,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  rms_norm_eps: 1e-5,
  vocab_size: 100,
  tie_word_embeddings: false,
};

/** A small model whose weights follow from the seed as in golden.py: numbered in the order of their names. */
export function tinyModel(seed: number, config: RawConfig = tinyConfig): CausalModel {
  const model = createModel(new ConfigFields(config));
  const names = utils
    .treeFlatten(model.parameters())
    .map(([name, array]) => [name, (array as mx.Array).shape] as const);
  const weights = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, shape], index) => {
      const noise = mx.random.normal(shape, { key: mx.random.key(1000 * seed + index) });
      return [name, shape.length === 1 ? noise.multiply(0.1).add(1) : noise.multiply(0.25)] as [string, mx.Array];
    });
  model.loadWeights(weights);
  model.eval();
  mx.eval(model.parameters());
  return model;
}
