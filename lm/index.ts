/** Language models: loaded from Hugging Face folders, GGUF files and the Hub; native, or mlx_lm's in a Python worker. */
export { type ChatOptions, ChatSession } from './chat/session.ts';
export * from './convert/index.ts';
export { Embedder, type EmbedOptions, loadEmbedder } from './embedder.ts';
export type { Engine, PromptCache, TokenStep } from './engines/engine.ts';
export { loadPromptCache, type StoredPromptCache, savePromptCache } from './engines/prompt-caches.ts';
export type { BatchGenerateOptions } from './generation/generate-batch.ts';
export type { GenerateOptions } from './generation/options.ts';
export type { Answer, FinishReason, Segment, Statistics } from './generation/segments.ts';
export { LanguageModel, type Prompt } from './language-model.ts';
export { type LoadOptions, load } from './load.ts';
export { registerModel, type UserArchitecture } from './models/register-model.ts';
export { type Architecture, architectures } from './models/registry.ts';
export { loadTokenizer } from './tokenizer/load.ts';
export type { ChatTemplateOptions, Message, StreamingDetokenizer, Tokenizer } from './tokenizer/tokenizer.ts';
export * from './training/index.ts';
