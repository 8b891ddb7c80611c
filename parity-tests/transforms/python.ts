import type { Argument, Handle } from '../../foundation/values/values.ts';
import { internals, core as mx } from '../../mlx/index.ts';
import { camelCase } from '../../registry/naming.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { any, string } from '../../registry/parameters.ts';
import { type Call, mapRecipes, recipesOf, type TensorRecipe } from '../call.ts';
import { build } from '../sides.ts';
import type { Kind } from './kinds.ts';
import { outputsOf } from './native.ts';

type Tensor = mx.Array;
const { router, pythonBackend } = internals;
const LEADING = [string('kind'), string('path'), any('primals')];
const rows = new Map<Operation, Operation>();

/** The row of the helper that transforms the operation: its own arguments behind those of the helper. */
function helperFor(operation: Operation): Operation {
  const known = rows.get(operation);
  if (known !== undefined) return known;
  const row: Operation = {
    ...operation,
    name: `transformed_${operation.name}`,
    python: 'mlx_router_worker.transformed:transformed',
    parameters: [...LEADING, ...operation.parameters],
    result: 'any',
  };
  rows.set(operation, row);
  return row;
}

/** As the worker knows them: handles of its own in place of tensors. */
function handles(value: unknown): Argument {
  if (value instanceof mx.array) return router.residency.at(value as Tensor, 'python');
  return Array.isArray(value) ? value.map(handles) : (value as Argument);
}

function wrapped(result: unknown): unknown {
  return Array.isArray(result) ? result.map(wrapped) : router.adopt(result as Handle, 'python');
}

/** Python's own transform of the function, its arguments as the operation's own call would give them. */
export function onPython(kind: Kind, call: Call, places: readonly TensorRecipe[]): Tensor[] {
  const { operation } = call;
  const tensors = new Map(recipesOf(call).map((recipe) => [recipe, build('python', recipe)]));
  const make = (value: unknown) => mapRecipes(value, (recipe) => tensors.get(recipe));
  const named = Object.entries(call.keywords).map(([name, value]) => [camelCase(name), make(value)]);
  const given = [...call.positional.map(make), Object.fromEntries(named)];
  // What is refused while a transform is tracing is refused here too.
  const { values } = router.tracing.run('native', () => router.prepare(qualifiedName(operation)).parser.parse(given));
  const primals = places.map((place) => tensors.get(place));
  const args = [kind, operation.python, primals, ...values].map(handles);
  return outputsOf(wrapped(pythonBackend.prepare(helperFor(operation)).run(args)));
}
