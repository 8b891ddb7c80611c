import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';

// Compiled as mlx_lm compiles it: a compiled kernel rounds otherwise than its operations one by one.

/** `silu(gate) · x`. */
export const swiglu = mx.compile((gate: mx.Array, x: mx.Array) => nn.silu(gate).multiply(x), { shapeless: true });
