import { configure, internals, core as mx, registry } from '../../mlx/index.ts';
import { type Implementation, MlxRouterError } from '../../registry/errors.ts';
import { camelCase } from '../../registry/naming.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { type Call, mapRecipes, TensorRecipe } from '../call.ts';
import type { Outcome } from '../compare.ts';
import { build, contents } from '../sides.ts';

type Tensor = mx.Array;

export const KINDS = ['vjp', 'second vjp', 'jvp', 'vmap', 'compile'] as const;
export type Kind = (typeof KINDS)[number];

const FLOATS = ['float16', 'bfloat16', 'float32', 'float64', 'complex64'];
const HELPER = 'parity.transformed';

/** Which positional arguments of the call can be differentiated by. */
export function placesOf(call: Call): number[] {
  return call.positional.flatMap((value, i) =>
    value instanceof TensorRecipe && FLOATS.includes(value.dtype.name) ? [i] : [],
  );
}

/** Lets the workers run their side: a function that takes MLX's own transform of the named function. */
export function registerHelper(): void {
  if (registry.find(HELPER) !== undefined) return;
  configure({ pythonModules: [...internals.router.configuration.pythonModules, 'mlx_router_worker'] });
  registry.register({ name: HELPER, python: 'mlx_router_worker.transformed:transformed' });
}

function outputsOf(result: unknown): Tensor[] {
  if (result instanceof mx.array) return [result as Tensor];
  return (Array.isArray(result) ? result : Object.values(result as object)).flatMap(outputsOf);
}

/** Another number for every element, the same on both sides. */
function weights(like: Tensor): Tensor {
  return mx
    .cos(mx.arange(like.size, { dtype: mx.float32 }))
    .reshape(like.shape)
    .astype(like.dtype);
}

function onNative(kind: Kind, call: Call, places: readonly number[]): Tensor[] {
  const make = (value: unknown) => mapRecipes(value, (recipe) => build('native', recipe));
  const positional = call.positional.map(make);
  const named = Object.entries(call.keywords).map(([name, value]) => [camelCase(name), make(value)]);
  const keywords = Object.fromEntries(named);
  const primals = places.map((place) => positional[place] as Tensor);
  const run = (...inputs: Tensor[]) => {
    const given = [...positional];
    places.forEach((place, i) => {
      given[place] = inputs[i];
    });
    return outputsOf(registry.call(qualifiedName(call.operation), ...given, keywords));
  };
  const gradients = (...inputs: Tensor[]) => mx.vjp(run, inputs, run(...inputs).map(weights))[1];
  switch (kind) {
    case 'vjp':
      return gradients(...primals);
    case 'second vjp':
      return mx.vjp(gradients, primals, primals.map(weights))[1];
    case 'jvp':
      return mx.jvp(run, primals, primals.map(weights))[1];
    case 'vmap':
      return mx.vmap(run)(...primals.map((primal) => mx.stack([primal, primal])));
    case 'compile':
      return mx.compile(run)(...primals);
  }
}

function onPython(kind: Kind, call: Call, places: readonly number[]): unknown {
  const make = (value: unknown) => mapRecipes(value, (recipe) => build('python', recipe));
  const keywords = Object.fromEntries(Object.entries(call.keywords).map(([name, value]) => [name, make(value)]));
  const positional = call.positional.map(make);
  return registry.call(HELPER, kind, call.operation.python, [...places], positional, keywords, {
    implementation: 'python',
  });
}

/** What the transform of the call gives on that side, an error included. */
export function transformedOn(side: Implementation, kind: Kind, call: Call): Outcome {
  const places = placesOf(call);
  try {
    const result = side === 'native' ? onNative(kind, call, places) : onPython(kind, call, places);
    return { kind: 'result', contents: contents(outputsOf(result)) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message } = error;
    return { kind: 'error', name, code: error instanceof MlxRouterError ? error.code : null, message };
  }
}
