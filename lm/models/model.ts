import type { core as mx } from '../../mlx/index.ts';
import type * as nn from '../../mlx/nn/index.ts';
import type { Caches } from '../cache/cache.ts';

/** Weights by the name of the parameter. */
export type NamedWeights = Record<string, mx.Array>;

/** A normalization of the last axis. */
export interface Norm extends nn.Module {
  forward(x: mx.Array): mx.Array;
}

/** A language model without its tokenizer. */
export interface CausalModel extends nn.Module {
  /**
   * Token indices `[B, L]` → scores of each next token `[B, L, vocabulary]`.
   * @param cache of the positions before these, one for each layer; they are appended to it
   */
  forward(tokens: mx.Array, cache?: Caches | null): mx.Array;
  readonly layers: readonly nn.Module[];
  /** Caches of its own kinds; absent: one that keeps everything for each layer. */
  makeCache?(): Caches;
  /** Weights as files have them → as its parameters are named. */
  sanitize?(weights: NamedWeights): NamedWeights;
}

/** A model that sees a text in both directions, and gives a vector for each token. */
export interface Encoder extends nn.Module {
  /**
   * Token indices `[B, L]` → `[B, L, width]`.
   * @param mask `[B, L]`: 1 for tokens, 0 for what only fills up a row; each row has one token at least
   * @param types `[B, L]`: which of two sentences a token is of. Default: the first.
   * @throws ArgumentError for more positions than it has
   */
  forward(tokens: mx.Array, mask: mx.Array, types?: mx.Array): mx.Array;
  /** How many positions there can be. */
  readonly maxLength: number;
  /** Weights as files have them → as its parameters are named. */
  sanitize(weights: NamedWeights): NamedWeights;
}
