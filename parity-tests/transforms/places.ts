import { bool, isInexact } from '../../foundation/values/dtypes.ts';
import type { Parameter } from '../../registry/parameters.ts';
import { type Call, recipesOf, type TensorRecipe } from '../call.ts';
import type { Kind } from './kinds.ts';

/** Kinds of parameters whose tensors say where, not what: no derivative is taken by them. */
const POINTERS = ['indices', 'index', 'key'];

function parameterOf({ operation }: Call, position: number): Parameter | undefined {
  const { parameters } = operation;
  const variadic = parameters.findIndex((parameter) => parameter.variadic === true);
  return parameters[variadic === -1 ? position : Math.min(position, variadic)];
}

function recipesBy(call: Call, keep: (parameter: Parameter | undefined) => boolean): TensorRecipe[] {
  const positional = call.positional.filter((_, i) => keep(parameterOf(call, i)));
  const named = Object.entries(call.keywords).filter(([name]) =>
    keep(call.operation.parameters.find((parameter) => parameter.name === name)),
  );
  return recipesOf({ ...call, positional, keywords: Object.fromEntries(named) });
}

/** The tensors of numbers. */
export function numeric(call: Call): TensorRecipe[] {
  return recipesBy(call, (parameter) => !POINTERS.includes(parameter?.kind ?? '')).filter(
    ({ dtype }) => dtype !== bool,
  );
}

/** The tensors that a derivative can be taken by. */
export function differentiable(call: Call): TensorRecipe[] {
  return numeric(call).filter(({ dtype }) => isInexact(dtype));
}

/** The tensors that vmap maps over and that compile takes as inputs: all but keys. */
function mappable(call: Call): TensorRecipe[] {
  return recipesBy(call, (parameter) => parameter?.kind !== 'key');
}

export function placesFor(kind: Kind, call: Call): TensorRecipe[] {
  return kind === 'vmap' || kind === 'compile' ? mappable(call) : differentiable(call);
}
