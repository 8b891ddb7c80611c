/** What tells the architectures of gguf files apart. */
export interface GgufArchitecture {
  /** Its name in the file, which is the prefix of its keys. */
  readonly name: string;
  readonly modelType: string;
  /** llama.cpp puts the two halves of each head of queries and keys next to each other. */
  readonly interleavesHeads: boolean;
  /** The names of tensors in the file and in Hugging Face's models. */
  readonly tensors: Readonly<Record<string, string>>;
  /** The names of a layer's tensors, likewise. */
  readonly layerTensors: Readonly<Record<string, string>>;
}

const TENSORS = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
};

const LAYER_TENSORS = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

export const ARCHITECTURES: Readonly<Record<string, GgufArchitecture>> = {
  // Mistral and SmolLM, too, are written as it.
  llama: {
    name: 'llama',
    modelType: 'llama',
    interleavesHeads: true,
    tensors: TENSORS,
    layerTensors: LAYER_TENSORS,
  },
  qwen2: {
    name: 'qwen2',
    modelType: 'qwen2',
    interleavesHeads: false,
    tensors: TENSORS,
    layerTensors: LAYER_TENSORS,
  },
  qwen3: {
    name: 'qwen3',
    modelType: 'qwen3',
    interleavesHeads: false,
    tensors: TENSORS,
    layerTensors: { ...LAYER_TENSORS, attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' },
  },
};
