import { readFileSync } from 'node:fs';
import { core as mx } from '../../../mlx/index.ts';
import type * as nn from '../../../mlx/nn/index.ts';
import { treeFlatten } from '../../../mlx/utils/index.ts';
import { ConfigFields } from '../../config/fields.ts';
import type { CausalModel } from '../../models/model.ts';
import { createModel } from '../../models/registry.ts';
import type { Example } from '../batches.ts';

/** As in golden.py. */
export const CONFIG = {
  model_type: 'llama',
  hidden_size: 32,
  num_hidden_layers: 2,
  intermediate_size: 64,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
  vocab_size: 64,
  tie_word_embeddings: false,
};

export const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8'));

/** A model of the weights that it has in golden.py. */
export function makeModel(tied = false): CausalModel {
  return fill(createModel(new ConfigFields({ ...CONFIG, tie_word_embeddings: tied })), 'weight', 0);
}

/** Draws by the order of the names, on which the order of the fields has no influence. */
export function fill<Model extends nn.Module>(model: Model, leaf: string, seed: number): Model {
  const named = treeFlatten<mx.Array>(model.parameters()).filter(([name]) => name.split('.').at(-1) === leaf);
  named.sort(([a], [b]) => (a < b ? -1 : 1));
  const drawn = named.map(([name, { shape }], i): [string, mx.Array] => {
    const noise = mx.random.normal([...shape], { key: mx.random.key(seed + i) }).multiply(0.2);
    return [name, shape.length === 1 ? noise.add(1) : noise];
  });
  return model.loadWeights(drawn, { strict: false });
}

export const EXAMPLES: readonly Example[] = Array.from({ length: 12 }, (_, i) => ({
  tokens: Array.from({ length: 5 + 4 * i }, (_, j) => (i * 7 + j * (i + 3)) % 64),
  offset: i % 3,
}));

/** The first scores of the token after a prompt. */
export function logitsOf(model: CausalModel): number[] {
  model.eval();
  const out = model.forward(mx.array([[1, 5, 9, 33, 31, 7, 8]], mx.int32));
  return (out.index(0, -1).astype(mx.float32).tolist() as number[]).slice(0, 6);
}
