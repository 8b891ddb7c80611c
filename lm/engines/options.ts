import type { KVQuantizationOptions } from '../cache/quantized-kv-cache.ts';
import type { LogitsProcessorOptions } from '../generation/processors.ts';
import type { SamplerOptions } from '../generation/samplers.ts';
import type { CausalModel } from '../models/model.ts';

/** How tokens are chosen: but for the draft, which only models of this process take, plain data for both engines. */
export interface SampleOptions extends SamplerOptions, LogitsProcessorOptions, KVQuantizationOptions {
  /** At most so many tokens. */
  readonly maxTokens: number;
  /** The seed of `mx.random`, set before the first token. */
  readonly seed?: number | undefined;
  /** How many of the most probable tokens to report, with the probability of the chosen one. */
  readonly logprobs?: number | undefined;
  /** How many tokens of the prompt are computed at a time. */
  readonly prefillStepSize: number;
  /** A smaller model of this process with the same tokens, and how many of them it guesses at a time. */
  readonly draft?: { readonly model: CausalModel; readonly tokens: number } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with how many tokens of the prompt are computed, and how many there are. */
  readonly onPrefill?: ((done: number, total: number) => void) | undefined;
}
