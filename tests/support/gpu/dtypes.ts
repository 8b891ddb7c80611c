import { DTYPES, type Dtype } from '../../../foundation/values/dtypes.ts';
import { core as mx } from '../../../mlx/index.ts';

/** Those that the default device computes with: a GPU has no float64. */
export const COMPUTED_DTYPES: readonly Dtype[] =
  mx.defaultDevice() === mx.cpu ? DTYPES : DTYPES.filter((dtype) => dtype !== mx.float64);
