import fc from 'fast-check';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { type Call, callOf } from '../call.ts';
import { ownCalls } from '../own.ts';
import { type ArgumentsFor, GENERATORS } from './generators.ts';

/** How arguments are generated for the operation; undefined where its sample says that parity does not run it. */
export function argumentsFor(operation: Operation): ArgumentsFor | undefined {
  const { generator } = operation.sample;
  return generator === 'none' ? undefined : GENERATORS[generator];
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
  return fc
    .tuple(generate(operation), fc.nat(operation.parameters.length))
    .map(([values, cut]) => callOf(operation, values, cut));
}
