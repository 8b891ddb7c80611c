import type { core as mx } from '../../mlx/index.ts';
import type { Caches } from '../cache/cache.ts';
import type { LogitsProcessor, Sampler } from './steps.ts';

export interface BatchOptions {
  /** How many sequences are computed at a time at most; others wait. Default: 32. */
  readonly maxBatch?: number | undefined;
  /** How many tokens of a prompt are computed between two steps. Prompts take turns. Default: 2048. */
  readonly prefillStepSize?: number | undefined;
}

export interface SequenceOptions {
  /** Default: 128. */
  readonly maxTokens?: number | undefined;
  /** Default: the most likely token. Sequences with the same function are drawn in one call. */
  readonly sampler?: Sampler | undefined;
  readonly processors?: readonly LogitsProcessor[] | undefined;
  /** Tokens that end the answer, as a model's ends of text do. */
  readonly stopTokens?: Iterable<number> | undefined;
  /** Of the positions before the prompt. It is used up: `returnCache` gives one that goes on. */
  readonly cache?: Caches | undefined;
  readonly returnCache?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with how many tokens of the prompt are computed, and how many there are. */
  readonly onPrefill?: ((done: number, total: number) => void) | undefined;
}

/** What happened to one sequence in a step. */
export interface BatchResult {
  readonly uid: number;
  /** Undefined where there is none: after an abort or an error. The last one may be a stop token. */
  readonly token: number | undefined;
  /** `[vocabulary]`; valid until `next` or `close` is called. */
  readonly logprobs: mx.Array | undefined;
  /** Undefined: the sequence goes on. */
  readonly finishReason: 'stop' | 'length' | 'abort' | 'error' | undefined;
  readonly error?: unknown;
  /** With `returnCache`, at the end. Its `offset` says whether it has the last token in it. */
  readonly cache?: Caches;
}
