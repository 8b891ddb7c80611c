import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray } from '../../arguments/checks.ts';
import { signature, size } from '../../arguments/signature.ts';
import { Module } from '../module.ts';
import { drawnNormally } from './drawn.ts';
import { type QuantizeArguments, QuantizedEmbedding, quantizeKinds } from './quantized.ts';

const toQuantizedArguments = signature('nn.Embedding.toQuantized', quantizeKinds);
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
    this.weight = drawnNormally(Math.sqrt(1 / dims), numEmbeddings, dims);
  }

  /** Indices of any shape `[…]` → `[…, dims]` */
  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.Embedding');
    return this.weight.index(x);
  }

  /** `x · weightᵀ`: the scores of all embeddings, for models that use one table at both ends. */
  asLinear(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.Embedding.asLinear');
    return x.matmul(this.weight.T);
  }

  /** A layer of the same table, quantized. */
  toQuantized(...settings: QuantizeArguments): QuantizedEmbedding {
    const operation = 'nn.Embedding.toQuantized';
    const { quantizeInput, ...how } = toQuantizedArguments(settings);
    if (quantizeInput) throw new ArgumentError('the indices of an embedding cannot be quantized', { operation });
    return QuantizedEmbedding.fromEmbedding(this, how);
  }

  protected override extraRepr(): string {
    const [count, dims] = this.weight.shape;
    return `${count}, ${dims}`;
  }
}
