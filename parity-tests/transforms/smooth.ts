import { type Dtype, float32, float64 } from '../../foundation/values/dtypes.ts';
import type { Generator } from '../../registry/sample.ts';
import { dtypesOf } from '../arbitraries/dtypes.ts';
import { type Call, mapRecipes, sizeOf, TensorRecipe } from '../call.ts';
import { differentiable, numeric } from './places.ts';

/** Their matrices have properties that other elements would not have. */
const STRUCTURED: readonly Generator[] = ['square', 'symmetric', 'positive-definite'];

/** The most exact floats that the operation takes. */
function exactest(call: Call): Dtype {
  return dtypesOf(call.operation.sample.dtypes).includes(float64) ? float64 : float32;
}

/** Between 0 and 1, another for every pair. */
export function scattered(i: number, j: number): number {
  const x = Math.sin(12.9898 * (i + 1) + 78.233 * (j + 1)) * 43758.5453;
  return x - Math.floor(x);
}

/** Where most operations are smooth. */
const USUAL_DOMAIN = [-2, 2] as const;

/** Every element of these may be any number. */
const FREE: readonly Generator[] = ['tensor', 'filled', 'broadcast', 'same-shape', 'matmul', 'list'];

/** The call with exact floats in place of all floats, and of all numbers where it may be, where the operation is smooth. */
export function smoothed(call: Call): { readonly call: Call; readonly places: readonly TensorRecipe[] } {
  const { operation } = call;
  const { generator } = operation.sample;
  const dtype = exactest(call);
  const keeps = STRUCTURED.includes(generator) || ['linalg', 'random'].includes(operation.namespace);
  const [low, high] = operation.domain ?? USUAL_DOMAIN;
  const places = FREE.includes(generator) ? numeric(call) : differentiable(call);
  const replacements = new Map(
    places.map((recipe, place) => {
      if (keeps && recipe.elements.every((element) => Math.abs(Number(element)) <= 128)) {
        return [recipe, new TensorRecipe(dtype, recipe.shape, recipe.elements, recipe.baseShape, recipe.steps)];
      }
      // In row-major order: elements that a view repeats would be equal.
      const elements = Array.from({ length: sizeOf(recipe.shape) }, (_, i) => low + (high - low) * scattered(i, place));
      return [recipe, new TensorRecipe(dtype, recipe.shape, elements)];
    }),
  );
  const change = (value: unknown) => mapRecipes(value, (recipe) => replacements.get(recipe) ?? recipe);
  return {
    call: {
      operation,
      positional: call.positional.map(change),
      keywords: Object.fromEntries(Object.entries(call.keywords).map(([name, value]) => [name, change(value)])),
    },
    places: [...replacements.values()],
  };
}
