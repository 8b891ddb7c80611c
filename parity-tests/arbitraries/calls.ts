import fc from 'fast-check';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { type Call, callOf, recipesOf, type TensorRecipe } from '../call.ts';
import { BACKWARD_HAZARDS } from '../hazards.ts';
import { ownCalls } from '../own.ts';
import { type ArgumentsFor, GENERATORS } from './generators.ts';
import { SPECIAL } from './special/index.ts';

/** How arguments are generated for the operation; undefined where its sample says that parity does not run it. */
export function argumentsFor(operation: Operation): ArgumentsFor | undefined {
  const { generator } = operation.sample;
  if (generator === 'none') return undefined;
  return generator === 'special' ? SPECIAL[qualifiedName(operation)] : GENERATORS[generator];
}

/** Right calls of the operation, as its sample says. */
export function calls(operation: Operation): fc.Arbitrary<Call> | undefined {
  const own = ownCalls(qualifiedName(operation));
  if (own !== undefined) {
    return fc
      .tuple(own.arguments, own.keywords ?? fc.constant({}))
      .map(([positional, keywords]) => ({ operation, positional, keywords }));
  }
  const generate = argumentsFor(operation);
  if (generate === undefined) return undefined;
  const all = fc
    .tuple(generate(operation), fc.nat(operation.parameters.length))
    .map(([values, cut]) => callOf(operation, values, cut));
  const isHazard = BACKWARD_HAZARDS[qualifiedName(operation)] !== undefined;
  return isHazard ? all.filter((call) => !recipesOf(call).some(runsBackwards)) : all;
}

function runsBackwards({ steps }: TensorRecipe): boolean {
  return steps.some((step) => step.view === 'slice' && step.slices.some((slice) => (slice.step ?? 1) < 0));
}
