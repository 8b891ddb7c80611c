import { Handle } from '../../foundation/values/values.ts';
import { type Lowerings, refuse } from './lowering.ts';

export const fast: Lowerings = {
  'fast.rope': (c, args) => {
    const [a, dims, traditional, base, scale, offset, frequencies] = args as [
      Handle,
      number,
      boolean,
      number | null,
      number,
      number | Handle,
      Handle | null,
    ];
    const name = offset instanceof Handle ? 'fast_rope_dynamic' : 'fast_rope';
    return c(name, a, dims, traditional, base, scale, offset, frequencies);
  },
  'fast.scaled_dot_product_attention': (c, args) => {
    const [q, k, v, scale, mask, sinks, forceFused] = args as [
      Handle,
      Handle,
      Handle,
      number,
      Handle | string | null,
      Handle | null,
      boolean,
    ];
    if (typeof mask === 'string' && mask !== 'causal') {
      return refuse(`[scaled_dot_product_attention] invalid mask option '${mask}'. Must be 'causal', or an array.`);
    }
    const mode = typeof mask === 'string' ? mask : '';
    const tensor = mask instanceof Handle ? mask : null;
    return c('fast_scaled_dot_product_attention', q, k, v, scale, mode, tensor, sinks, forceFused);
  },
};
