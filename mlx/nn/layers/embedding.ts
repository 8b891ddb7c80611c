import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import * as mx from '../../core.ts';
import { Module } from '../module.ts';
import { signature, size } from '../signature.ts';
import { QuantizedEmbedding, type QuantizeOptions, quantizeArguments } from './quantized.ts';

const embeddingArguments = signature('nn.Embedding', { numEmbeddings: size, dims: size });

/**
 * A row of `weight` for each index.
 *
 * - `weight`: `[numEmbeddings, dims]`, drawn normally with the deviation `√(1 / dims)`
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.Embedding.html
 */
export class Embedding extends Module {
  weight: Tensor;

  constructor(numEmbeddings: number, dims: number);
  constructor(options: { numEmbeddings: number; dims: number });
  constructor(...args: unknown[]) {
    super();
    const { numEmbeddings, dims } = embeddingArguments(args);
    this.weight = mx.random.normal([numEmbeddings, dims], { scale: Math.sqrt(1 / dims) });
  }

  /** Indices of any shape `[…]` → `[…, dims]` */
  override forward(x: Tensor): Tensor {
    return this.weight.index(x);
  }

  /** `x · weightᵀ`: the scores of all embeddings, for models that use one table at both ends. */
  asLinear(x: Tensor): Tensor {
    return x.matmul(this.weight.T);
  }

  /** A layer of the same table, quantized. */
  toQuantized(options: QuantizeOptions = {}): QuantizedEmbedding {
    const operation = 'nn.Embedding.toQuantized';
    const { quantizeInput, ...how } = quantizeArguments(operation, options);
    if (quantizeInput) throw new ArgumentError('the indices of an embedding cannot be quantized', { operation });
    return QuantizedEmbedding.fromEmbedding(this, how);
  }

  protected override extraRepr(): string {
    const [count, dims] = this.weight.shape;
    return `${count}, ${dims}`;
  }
}
