import type { Tensor } from '../../router/tensors/tensor.ts';
import { anything, signature } from '../arguments/signature.ts';
import { clippedTo, norm, sumOfSquares } from '../nn/clip.ts';

const clipArguments = signature('optimizers.clipGradNorm', { gradients: anything, maxNorm: norm }, 1);

/**
 * The gradients, multiplied so that the norm of all together is at most `maxNorm`, and the norm that they had.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary_functions/mlx.optimizers.clip_grad_norm.html
 */
export function clipGradNorm<Gradients>(
  gradients: Gradients,
  maxNorm: number | { maxNorm: number },
): [Gradients, Tensor];
export function clipGradNorm<Gradients>(...args: unknown[]): [Gradients, Tensor] {
  const { gradients, maxNorm } = clipArguments(args);
  return clippedTo(gradients as Gradients, maxNorm, sumOfSquares(gradients, 'optimizers.clipGradNorm'));
}
