import type { Dtype } from '../foundation/values/dtypes.ts';
import type { Element, Slice } from '../foundation/values/values.ts';
import type { Operation } from '../registry/operation.ts';

/** One operation that makes a view of the tensor before it; both backends take the same steps. */
export type ViewStep =
  | { readonly view: 'transpose'; readonly axes: readonly number[] }
  | { readonly view: 'slice'; readonly slices: readonly Slice[] }
  | { readonly view: 'broadcast'; readonly shape: readonly number[] };

/** How to make a tensor: row-major elements of a base, then views of it. Each backend makes its own from this. */
export class TensorRecipe {
  readonly dtype: Dtype;
  /** After all steps. */
  readonly shape: readonly number[];
  readonly baseShape: readonly number[];
  readonly elements: readonly Element[];
  readonly steps: readonly ViewStep[];

  constructor(
    dtype: Dtype,
    shape: readonly number[],
    elements: readonly Element[],
    baseShape: readonly number[] = shape,
    steps: readonly ViewStep[] = [],
  ) {
    this.dtype = dtype;
    this.shape = shape;
    this.elements = elements;
    this.baseShape = baseShape;
    this.steps = steps;
  }
}

/** Stands for an argument that the call leaves out. */
export const OMITTED = Symbol('omitted');
export type Omitted = typeof OMITTED;

/** What a generated call passes: anything that a caller may pass, right or wrong, with recipes for tensors. */
export type Given = unknown;

/** One for each parameter in order; a variadic parameter has a list. */
export type ParameterValues = readonly (Given | Omitted)[];

/** One call of one operation, ready to be made on either side. */
export interface Call {
  readonly operation: Operation;
  readonly positional: readonly Given[];
  /** By Python's own names. */
  readonly keywords: Readonly<Record<string, Given>>;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The value with each recipe in it put through `change`; lists and plain objects are copied. */
export function mapRecipes(value: Given, change: (recipe: TensorRecipe) => unknown): unknown {
  if (value instanceof TensorRecipe) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapRecipes(item, change));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapRecipes(item, change)]));
}

/** Every recipe in the call, in order. */
export function recipesOf(call: Call): TensorRecipe[] {
  const recipes: TensorRecipe[] = [];
  mapRecipes([...call.positional, call.keywords], (recipe) => recipes.push(recipe));
  return recipes;
}

/** Positional arguments up to `cut` where Python takes them so, the others by name, those left out not at all. */
export function callOf(operation: Operation, values: ParameterValues, cut: number): Call {
  const positional: Given[] = [];
  const keywords: Record<string, Given> = {};
  let byName = false;
  for (const [i, parameter] of operation.parameters.entries()) {
    const value = values[i];
    if (parameter.variadic === true) {
      if (value !== OMITTED && value !== undefined) positional.push(...(Array.isArray(value) ? value : [value]));
      byName = true;
      continue;
    }
    if (value === OMITTED || value === undefined) {
      byName = true;
      continue;
    }
    byName ||= parameter.keywordOnly || (parameter.fallback !== undefined && i >= cut);
    if (byName) keywords[parameter.name] = value;
    else positional.push(value);
  }
  return { operation, positional, keywords };
}
