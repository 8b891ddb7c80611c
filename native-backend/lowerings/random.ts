import type { Dtype } from '../../foundation/values/dtypes.ts';
import { Handle, Scalar } from '../../foundation/values/values.ts';
import { type LoweringContext, type Lowerings, refuse, several } from './lowering.ts';

type Shape = readonly number[];

function tensor(value: Handle | Scalar, context: LoweringContext): Handle {
  return value instanceof Scalar ? context.scalar(value.value, value.dtype) : value;
}

export const random: Lowerings = {
  'random.bernoulli': (c, args, context) => {
    const [p, shape, key] = args as [Handle | Scalar, Shape | null, Handle];
    return c('random_bernoulli', p, shape ?? (p instanceof Scalar ? [] : context.shape(p)), key);
  },
  'random.truncated_normal': (c, args, context) => {
    const [low, high, shape, dtype, key] = args as [Handle | Scalar, Handle | Scalar, Shape | null, Dtype, Handle];
    const [lower, upper] = [tensor(low, context), tensor(high, context)];
    // Broadcasting the bounds gives the shape, and MLX's own error where there is none.
    const [broadcast = lower] = shape === null ? several(c('broadcast_arrays', [lower, upper])) : [];
    return c('random_truncated_normal', lower, upper, shape ?? context.shape(broadcast), dtype, key);
  },
  'random.categorical': (c, args) => {
    const [logits, axis, shape, count, key] = args as [Handle, number, Shape | null, number | null, Handle];
    if (shape !== null && count !== null) {
      return refuse('[categorical] At most one of shape or num_samples can be specified.');
    }
    if (shape !== null) return c('random_categorical_shape', logits, axis, shape, key);
    if (count !== null) return c('random_categorical_num_samples', logits, axis, count, key);
    return c('random_categorical', logits, axis, key);
  },
  'random.permutation': (c, args) => {
    const [x, axis, key] = args as [Handle | number, number, Handle];
    return x instanceof Handle ? c('random_permutation', x, axis, key) : c('random_permutation_arange', x, key);
  },
};
