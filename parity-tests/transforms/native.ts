import { isInexact } from '../../foundation/values/dtypes.ts';
import { core as mx, registry } from '../../mlx/index.ts';
import { camelCase } from '../../registry/naming.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { type Call, mapRecipes, recipesOf, type TensorRecipe } from '../call.ts';
import { build } from '../sides.ts';
import type { Kind } from './kinds.ts';

type Tensor = mx.Array;
export type Run = (...inputs: Tensor[]) => Tensor[];

export function outputsOf(result: unknown): Tensor[] {
  if (result instanceof mx.array) return [result as Tensor];
  if (typeof result !== 'object' || result === null) return [];
  return (Array.isArray(result) ? result : Object.values(result)).flatMap(outputsOf);
}

/** Another number for every element, the same on both sides. */
export function weights(like: Tensor): Tensor {
  return mx
    .cos(mx.arange(like.size, { dtype: mx.float32 }))
    .reshape(like.shape)
    .astype(like.dtype);
}

/** A second value beside the first for vmap to map over: half of it, or the same where half would be another thing. */
export function halved(value: Tensor): Tensor {
  return isInexact(value.dtype) ? mx.multiply(value, mx.array(0.5, value.dtype)) : value;
}

/** The call as a function of the tensors at those places. */
export function functionOf(call: Call, places: readonly TensorRecipe[]): { run: Run; primals: Tensor[] } {
  const tensors = new Map(recipesOf(call).map((recipe) => [recipe, build('native', recipe)]));
  const run = (...inputs: Tensor[]): Tensor[] => {
    const at = (recipe: TensorRecipe) => inputs[places.indexOf(recipe)] ?? tensors.get(recipe);
    const make = (value: unknown) => mapRecipes(value, at);
    const named = Object.entries(call.keywords).map(([name, value]) => [camelCase(name), make(value)]);
    const keywords = { ...Object.fromEntries(named), implementation: 'native' };
    return outputsOf(registry.call(qualifiedName(call.operation), ...call.positional.map(make), keywords));
  };
  return { run, primals: places.map((place) => tensors.get(place) as Tensor) };
}

/** The products of the weights with the Jacobian of the function, one for each input. */
export function gradientsOf(run: Run): Run {
  return (...inputs) => mx.vjp(run, inputs, run(...inputs).map(weights))[1];
}

export function onNative(kind: Kind, call: Call, places: readonly TensorRecipe[]): Tensor[] {
  const { run, primals } = functionOf(call, places);
  switch (kind) {
    case 'vjp':
      return gradientsOf(run)(...primals);
    case 'second-vjp':
      return mx.vjp(gradientsOf(run), primals, primals.map(weights))[1];
    case 'jvp':
      return mx.jvp(run, primals, primals.map(weights))[1];
    case 'vmap':
      return mx.vmap(run)(...primals.map((primal) => mx.stack([primal, halved(primal)])));
    case 'compile':
      return mx.compile(run)(...primals);
  }
}
