import { type BuiltInBackend, MlxRouterError } from '../foundation/errors/errors.ts';
import { encode } from '../foundation/values/elements.ts';
import { core, internals, registry } from '../mlx/index.ts';
import { camelCase } from '../registry/naming.ts';
import { type Operation, qualifiedName } from '../registry/operation.ts';
import { type Call, mapRecipes, type TensorRecipe, type ViewStep } from './call.ts';
import type { Contents, Outcome } from './compare.ts';

type Tensor = core.Array;
const { router, nativeBackend, pythonBackend } = internals;
const backends = { native: nativeBackend, python: pythonBackend };

/** Whether both backends have the operation, as the addon itself reports. */
export function hasBothSides(operation: Operation): boolean {
  if (operation.python === null) return false;
  return nativeBackend.supports(operation) || router.prepare(qualifiedName(operation)).port !== undefined;
}

function on(side: BuiltInBackend, name: string, ...args: unknown[]): Tensor {
  return registry.call(name, ...args, { implementation: side }) as Tensor;
}

function view(side: BuiltInBackend, tensor: Tensor, step: ViewStep): Tensor {
  switch (step.view) {
    case 'transpose':
      return on(side, 'transpose', tensor, step.axes);
    case 'slice':
      return on(side, 'index', tensor, step.slices);
    case 'broadcast':
      return on(side, 'broadcast_to', tensor, step.shape);
  }
}

/** The tensor of the recipe, made on that side from the same bytes as on the other. */
export function build(side: BuiltInBackend, recipe: TensorRecipe): Tensor {
  const bytes = encode(recipe.elements, recipe.dtype);
  const base = router.adopt(backends[side].create(bytes, recipe.baseShape, recipe.dtype), side);
  return recipe.steps.reduce((tensor, step) => view(side, tensor, step), base);
}

/** Makes the call on that side alone and reads everything that comes of it, an error included. */
export function outcomeOn(side: BuiltInBackend, call: Call): Outcome {
  const make = (value: unknown) => mapRecipes(value, (recipe) => build(side, recipe));
  const positional = call.positional.map(make);
  // Those of a user's function go to Python as they are.
  const spelling = call.operation.family === 'user' ? (name: string) => name : camelCase;
  const keywords = Object.fromEntries(
    Object.entries(call.keywords).map(([name, value]) => [spelling(name), make(value)]),
  );
  // A key left out is the next of the global sequence, which must give both sides the same.
  if (call.operation.parameters.some(({ kind }) => kind === 'key')) core.random.seed(0);
  try {
    const result = registry.call(qualifiedName(call.operation), ...positional, { ...keywords, implementation: side });
    return { kind: 'result', contents: contents(result) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message } = error;
    return { kind: 'error', name, code: error instanceof MlxRouterError ? error.code : null, message };
  }
}

export function contents(result: unknown): Contents {
  if (result instanceof core.array) {
    const { shape, dtype } = router.info(result);
    return { kind: 'tensor', shape, dtype, bytes: router.read(result) };
  }
  if (Array.isArray(result)) return { kind: 'list', items: result.map(contents) };
  if (typeof result !== 'object' || result === null) return { kind: 'plain', value: result };
  const names = Object.keys(result).sort();
  const items = names.map((name) => contents((result as Record<string, unknown>)[name]));
  return { kind: 'object', names, items };
}
