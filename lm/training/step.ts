import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { Optimizer } from '../../mlx/optimizers/index.ts';
import { treeMap } from '../../mlx/utils/index.ts';
import type { CausalModel } from '../models/model.ts';
import type { Loss } from './loss.ts';

/** A batch, and the sums of gradients before it → the loss, its number of tokens, and the sums if no step was taken. */
export type Step = (
  tokens: mx.Array,
  lengths: mx.Array,
  before: object | null,
  isUpdate: boolean,
) => [loss: mx.Array, count: mx.Array, gradients: object | null];

/** One iteration as a compiled function: the loss, its gradients, and the optimizer's step where it is due. */
export function compiledStep(model: CausalModel, optimizer: Optimizer, loss: Loss, accumulated: number): Step {
  const lossAndGradients = nn.valueAndGrad(model, (tokens: mx.Array, lengths: mx.Array) =>
    loss(model, tokens, lengths),
  );
  const state = [model.state, optimizer.state, mx.random.state];
  const step: Step = (tokens, lengths, before, isUpdate) => {
    const [[value, count], own] = lossAndGradients(tokens, lengths);
    let gradients: object = own;
    if (before !== null) gradients = treeMap<object>((a: mx.Array, b: mx.Array) => a.add(b), own, before);
    if (!isUpdate) return [value, count, gradients];
    if (accumulated > 1) gradients = treeMap<object>((array: mx.Array) => array.divide(accumulated), gradients);
    optimizer.update(model, gradients);
    return [value, count, null];
  };
  return mx.compile(step, { inputs: state, outputs: state });
}
