/** A config.json, as Hugging Face has it. */
type Config = Readonly<Record<string, unknown>>;

/** One architecture, small, and what else its configs may say. */
export interface ModelRow {
  readonly name: string;
  readonly config: Config;
  /** Other configs, by what they try: these fields instead of those. */
  readonly variants?: Readonly<Record<string, Config>>;
  /** Whether the model makes caches of its own kinds. */
  readonly ownCaches?: boolean;
  /** Whether it computes otherwise in float16. */
  readonly float16?: boolean;
  /** Why MLX cannot compute it in bfloat16 on a CPU, in Python neither. */
  readonly noBfloat16?: string;
  /** Why its scores are not equal bit for bit; then only its tokens are compared. */
  readonly unequal?: string;
}

/** What most configs have in common. */
const small = {
  hidden_size: 64,
  num_hidden_layers: 2,
  intermediate_size: 96,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
  vocab_size: 160,
  max_position_embeddings: 128,
};

const llama = { model_type: 'llama', ...small, tie_word_embeddings: false };
const gemma3 = {
  ...small,
  num_hidden_layers: 3,
  head_dim: 32,
  query_pre_attn_scalar: 32,
  sliding_window: 8,
  sliding_window_pattern: 2,
};
const yarn = { type: 'yarn', factor: 4, original_max_position_embeddings: 32 };
const factors = Array.from({ length: 8 }, (_, index) => 1 + index / 4);
const sliding = ['sliding_attention', 'full_attention', 'sliding_attention'];

/** Of experts. */
const noBfloat16 = 'MLX 0.32.2 multiplies chosen matrices (gather_mm) on a CPU in float32 only';

/** Every architecture that `lm` has in TypeScript. */
export const MODELS: readonly ModelRow[] = [
  {
    name: 'llama',
    ownCaches: true,
    config: llama,
    variants: {
      biases: { attention_bias: true, mlp_bias: true, head_dim: 32, tie_word_embeddings: true },
      sliding: { num_hidden_layers: 3, layer_types: sliding, sliding_window: 8 },
      'traditional rotation': { rope_traditional: true, rope_theta: 500 },
      'linear rotation': { rope_scaling: { type: 'linear', factor: 2 } },
      'dynamic rotation': { rope_scaling: { type: 'dynamic', factor: 2 }, max_position_embeddings: 16 },
      'llama3 rotation': { rope_scaling: { rope_type: 'llama3', factor: 8, original_max_position_embeddings: 64 } },
      'yarn rotation': { rope_scaling: yarn },
    },
  },
  {
    name: 'smollm3',
    config: { ...llama, model_type: 'smollm3', num_hidden_layers: 3, no_rope_layer_interval: 2 },
    variants: { 'list of layers': { no_rope_layers: [0, 1, 1], tie_word_embeddings: true } },
  },
  {
    name: 'qwen2',
    config: { model_type: 'qwen2', ...small },
    variants: { untied: { tie_word_embeddings: false, rope_theta: 10_000 } },
  },
  {
    name: 'qwen3',
    config: { model_type: 'qwen3', ...small, head_dim: 32, rope_theta: 1_000_000, tie_word_embeddings: true },
    variants: {
      'nested rotation': { rope_theta: null, rope_parameters: { rope_type: 'default', rope_theta: 5_000_000 } },
      untied: { tie_word_embeddings: false, rope_scaling: yarn },
    },
  },
  {
    name: 'qwen3_moe',
    noBfloat16,
    config: {
      model_type: 'qwen3_moe',
      ...small,
      num_hidden_layers: 3,
      head_dim: 16,
      rope_theta: 1_000_000,
      tie_word_embeddings: false,
      num_experts: 8,
      num_experts_per_tok: 2,
      moe_intermediate_size: 32,
      decoder_sparse_step: 1,
      mlp_only_layers: [1],
      norm_topk_prob: true,
    },
    variants: { 'plain probabilities': { norm_topk_prob: false, decoder_sparse_step: 2, mlp_only_layers: [] } },
  },
  {
    name: 'gemma2',
    config: { model_type: 'gemma2', ...small, head_dim: 32, query_pre_attn_scalar: 24 },
    variants: { 'as many keys': { num_key_value_heads: 4, attn_logit_softcapping: 20, final_logit_softcapping: 10 } },
  },
  {
    name: 'gemma3_text',
    ownCaches: true,
    float16: true,
    config: { model_type: 'gemma3_text', ...gemma3 },
    variants: { 'scaled rotation': { rope_scaling: { rope_type: 'linear', factor: 8 }, sliding_window_pattern: 3 } },
  },
  {
    name: 'gemma3',
    ownCaches: true,
    config: {
      model_type: 'gemma3',
      vocab_size: small.vocab_size,
      text_config: { model_type: 'gemma3_text', ...gemma3 },
    },
  },
  {
    name: 'phi3',
    config: { model_type: 'phi3', ...small, partial_rotary_factor: 0.5 },
    variants: {
      'long rotation': {
        partial_rotary_factor: 1,
        original_max_position_embeddings: 32,
        rope_scaling: { type: 'longrope', short_factor: factors, long_factor: factors },
        tie_word_embeddings: true,
      },
    },
  },
  {
    name: 'mixtral',
    noBfloat16,
    config: { model_type: 'mixtral', ...small, num_local_experts: 4, num_experts_per_tok: 2 },
  },
  {
    name: 'gpt2',
    config: {
      model_type: 'gpt2',
      n_ctx: 128,
      n_embd: 64,
      n_head: 4,
      n_layer: 2,
      n_positions: 128,
      layer_norm_epsilon: 1e-5,
      vocab_size: 160,
    },
  },
];
