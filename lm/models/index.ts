/** What architectures of language models are made of, for those that are written elsewhere: see `lm.registerModel`. */
export type { AttentionMask, Caches, KeyValueCache } from '../cache/cache.ts';
export { KVCache } from '../cache/kv-cache.ts';
export { attentionMask } from '../cache/masks.ts';
export { RotatingKVCache } from '../cache/rotating-kv-cache.ts';
export { ConfigFields } from '../config/fields.ts';
export { type AttentionInput, attend, joinHeads, splitHeads } from './attention.ts';
export { CausalLM, type DecoderSizes, decoderSizes, makeLayers } from './causal-lm.ts';
export { type BlockSettings, Decoder, DecoderBlock, type DecoderLayer, type DecoderSettings } from './decoder.ts';
export { type AttentionSettings, DecoderAttention } from './decoder-attention.ts';
export { GatedMLP, type GatedMLPSettings } from './gated-mlp.ts';
export type { CausalModel, NamedWeights, Norm } from './model.ts';
export { makeRope, type Rope, type RopeSettings, ropeOf } from './rope.ts';
