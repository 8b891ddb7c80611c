// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../operations/bind.ts';
import type { array, CallOptions, Indices } from '../types.ts';

/** Keywords of `mx.fast.rmsNorm`. */
export interface RmsNormOptions extends CallOptions {
  eps: number;
}

/**
 * Root mean square normalisation along the last axis, times a weight.
 *
 * `mx.fast.rmsNorm(x, weight, eps)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fast.rms_norm.html
 */
export const rmsNorm = bind('fast.rms_norm') as {
  (x: array, weight: array | null, options: RmsNormOptions): array;
  (x: array, weight: array | null, eps: number, options?: CallOptions): array;
};

/** Keywords of `mx.fast.layerNorm`. */
export interface LayerNormOptions extends CallOptions {
  eps: number;
}

/**
 * Layer normalisation along the last axis, times a weight, plus a bias.
 *
 * `mx.fast.layerNorm(x, weight, bias, eps)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fast.layer_norm.html
 */
export const layerNorm = bind('fast.layer_norm') as {
  (x: array, weight: array | null, bias: array | null, options: LayerNormOptions): array;
  (x: array, weight: array | null, bias: array | null, eps: number, options?: CallOptions): array;
};

/** Keywords of `mx.fast.crossEntropy`. */
export interface CrossEntropyOptions extends CallOptions {
  targets: Indices;
}

/**
 * Cross entropy of logits (..., n) with class indices (...), element by element, as float32.
 *
 * `mx.fast.crossEntropy(logits, targets)`
 */
export const crossEntropy = bind('fast.cross_entropy') as {
  (logits: array, options: CrossEntropyOptions): array;
  (logits: array, targets: Indices, options?: CallOptions): array;
};

/** Keywords of `mx.fast.rope`. */
export interface RopeOptions extends CallOptions {
  dims: number;
  traditional: boolean;
  base: number | null;
  scale: number;
  offset: number | array;
  freqs?: array | null | undefined;
}

/**
 * Rotary positional encoding of (B, ..., T, D), from a base or from given frequencies.
 *
 * `mx.fast.rope(a, dims, { traditional, base, scale, offset, freqs = null })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fast.rope.html
 */
export const rope = bind('fast.rope') as {
  (a: array, options: RopeOptions): array;
  (a: array, dims: number, options: Omit<RopeOptions, 'dims'>): array;
};

/** Keywords of `mx.fast.scaledDotProductAttention`. */
export interface ScaledDotProductAttentionOptions extends CallOptions {
  scale: number;
  mask?: 'causal' | array | null | undefined;
  sinks?: array | null | undefined;
  forceFused?: boolean | undefined;
}

/**
 * Attention softmax(scale q kT + mask) v of q (B, N, T, D) with k and v (B, M, S, D), M dividing N.
 *
 * `mx.fast.scaledDotProductAttention(q, k, v, { scale, mask = null, sinks = null, forceFused = false })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fast.scaled_dot_product_attention.html
 */
export const scaledDotProductAttention = bind('fast.scaled_dot_product_attention') as (
  q: array,
  k: array,
  v: array,
  options: ScaledDotProductAttentionOptions,
) => array;

/** Keywords of `mx.fast.adamStep`. */
export interface AdamStepOptions extends CallOptions {
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay?: number | undefined;
}

/**
 * The parameter and its two moments after a step of Adam, of which `optimizers.Adam` is made.
 *
 * `mx.fast.adamStep(parameter, gradient, m, v, learningRate, { beta1, beta2, eps, weightDecay = 0 })`
 */
export const adamStep = bind('fast.adam_step') as (
  parameter: array,
  gradient: array,
  m: array,
  v: array,
  learningRate: array,
  options: AdamStepOptions,
) => [array, array, array];
