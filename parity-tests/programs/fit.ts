import { type Dtype, isInexact } from '../../foundation/values/dtypes.ts';
import { core as mx } from '../../mlx/index.ts';
import { sizeOf, type TensorRecipe, type ViewStep } from '../call.ts';

type Tensor = mx.Array;

/** What is known of a tensor before it is asked. */
export interface Known {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
}

function viewed(tensor: Tensor, step: ViewStep): Tensor {
  switch (step.view) {
    case 'transpose':
      return mx.transpose(tensor, [...step.axes]);
    case 'slice':
      return tensor.index(...step.slices);
    case 'broadcast':
      return mx.broadcastTo(tensor, [...step.shape]);
  }
}

/** What a large number or a NaN is as an integer depends on the instruction, and so on the memory layout. */
function converted(tensor: Tensor, from: Dtype, to: Dtype): Tensor {
  if (from === to) return tensor;
  if (!isInexact(from) || isInexact(to) || to.kind === 'bool') return mx.astype(tensor, to);
  const real = from.kind === 'complex' ? mx.real(tensor) : tensor;
  return mx.astype(mx.where(mx.less(mx.abs(real), 100), mx.abs(real), 0), to);
}

/** A tensor made of another's elements that has the shape, the dtype and the memory layout of the recipe. */
export function fitted(tensor: Tensor, { shape, dtype }: Known, recipe: TensorRecipe): Tensor {
  const [given, wanted] = [sizeOf(shape), sizeOf(recipe.baseShape)];
  let made = converted(tensor, dtype, recipe.dtype);
  if (given === 0) made = mx.zeros([wanted], recipe.dtype);
  else {
    made = mx.reshape(made, [-1]);
    if (given < wanted) made = mx.tile(made, [Math.ceil(wanted / given)]);
    if (given % wanted !== 0 || given > wanted) made = made.index(mx.Slice(0, wanted, null));
  }
  return recipe.steps.reduce(viewed, mx.reshape(made, [...recipe.baseShape]));
}
