import type { RawConfig } from '../../lm/config/fields.ts';

/** SmolLM2-135M: what is measured where no model is installed, with random weights. */
export const languageModelShape: RawConfig = {
  model_type: 'llama',
  hidden_size: 576,
  num_hidden_layers: 30,
  intermediate_size: 1536,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  rms_norm_eps: 1e-5,
  rope_theta: 100_000,
  vocab_size: 49_152,
  max_position_embeddings: 8192,
  tie_word_embeddings: true,
};

/** all-MiniLM-L6-v2, but for its vocabulary. */
export const encoderShape: RawConfig = {
  model_type: 'bert',
  hidden_size: 384,
  num_hidden_layers: 6,
  intermediate_size: 1536,
  num_attention_heads: 12,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  hidden_act: 'gelu',
};
