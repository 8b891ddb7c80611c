import type { core as mx } from '../../mlx/index.ts';
import type { SampleOptions } from './options.ts';

/** One generated token. */
export interface TokenStep {
  readonly token: number;
  /** Whether a draft model had guessed it, where there is one. */
  readonly fromDraft?: boolean;
  /** The logarithm of its probability, if asked for. */
  readonly logprob?: number;
  /** The most probable tokens and the logarithms of their probabilities, if asked for. */
  readonly topLogprobs?: readonly (readonly [token: number, logprob: number])[];
}

/** The keys and values of one conversation. */
export interface PromptCache {
  /** How many tokens the model has seen in it. */
  readonly offset: number;
  /** Those tokens, where they are known; the last may be missing. */
  readonly tokens?: readonly number[] | undefined;
  /** Takes the last tokens away; gives how many, which is 0 where the cache cannot. */
  trim(count: number): number | Promise<number>;
  /** Another one with the same tokens, each of which goes on alone; absent where there can be none. */
  copy?(): PromptCache;
  /** The memory that it holds; undefined where that is not known. */
  readonly nbytes?: number;
  dispose(): void;
}

/** What computes tokens: a model in this process, or one that a Python worker holds. */
export interface Engine {
  readonly implementation: 'native' | 'python';
  /** Its `model_type`. */
  readonly architecture: string;
  newCache(maxKvSize?: number): PromptCache | Promise<PromptCache>;
  /**
   * The tokens that follow those of the cache and the prompt, which the cache has seen afterwards.
   * @param prompt at least one token
   */
  steps(prompt: readonly number[], cache: PromptCache, options: SampleOptions): AsyncIterable<TokenStep>;
  /**
   * The scores of every next token, `[B, L, vocabulary]`, of rows of token indices that are equally long; absent:
   * it cannot tell.
   */
  logits?(tokens: readonly (readonly number[])[]): mx.Array | Promise<mx.Array>;
  /** Frees the weights. */
  dispose(): void;
}
