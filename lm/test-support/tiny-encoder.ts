import { join } from 'node:path';
import { core as mx } from '../../mlx/index.ts';
import { ConfigFields, type RawConfig } from '../config/fields.ts';
import { createEncoder } from '../models/registry.ts';
import { folderOf, sample } from '../tokenizer/test-support/samples.ts';

/** Writes a BERT encoder of random weights into a folder inside `root` of the tokenizers' samples. Gives the folder. */
export function writeTinyEncoder(seed: number, changes: RawConfig = {}): string {
  const { tokenizer, config: settings, size } = sample('bert');
  const config = {
    model_type: 'bert',
    vocab_size: size,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 48,
    max_position_embeddings: 24,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
    ...changes,
  };
  const folder = folderOf({ 'tokenizer.json': tokenizer, 'tokenizer_config.json': settings, 'config.json': config });
  mx.random.seed(seed);
  createEncoder(new ConfigFields(config)).saveWeights(join(folder, 'model.safetensors'));
  return folder;
}
