import type { NativeBinding } from '../operation.ts';

/** mlx-c has three functions for what works over everything, one axis, or a list of them. */
export function overAxes(name: string): NativeBinding {
  return { axis: 'axis', none: name, one: `${name}_axis`, many: `${name}_axes` };
}

/** And two for what takes one axis or flattens. */
export function overAxis(name: string): NativeBinding {
  return { axis: 'axis', none: name, one: `${name}_axis` };
}
