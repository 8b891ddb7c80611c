import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BuiltInBackend, MlxRouterError } from '../../foundation/errors/errors.ts';
import { core as mx, registry } from '../../mlx/index.ts';
import { calls } from '../../parity-tests/arbitraries/calls.ts';
import { type Call, mapRecipes } from '../../parity-tests/call.ts';
import { build, hasBothSides } from '../../parity-tests/sides.ts';
import { camelCase } from '../../registry/naming.ts';
import { qualifiedName } from '../../registry/operation.ts';

const operations = registry
  .all()
  .filter((operation) => operation.sample.generator !== 'none' && hasBothSides(operation));

function arraysIn(value: unknown): mx.Array[] {
  if (value instanceof mx.array) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(arraysIn) : [];
}

/** The arrays that the call was given and those that it gave. */
function make(call: Call, side: BuiltInBackend): { given: mx.Array[]; results: mx.Array[] } {
  const given: mx.Array[] = [];
  const built = (value: unknown) =>
    mapRecipes(value, (recipe) => {
      const array = build(side, recipe);
      given.push(array);
      return array;
    });
  const positional = call.positional.map(built);
  const keywords = Object.entries(call.keywords).map(([name, value]) => [camelCase(name), built(value)]);
  const options = { ...Object.fromEntries(keywords), implementation: side };
  try {
    return { given, results: arraysIn(registry.call(qualifiedName(call.operation), ...positional, options)) };
  } catch (error) {
    // Some of the calls that parity draws are refused, on both sides.
    if (error instanceof MlxRouterError) return { given, results: [] };
    throw error;
  }
}

describe.each(['native', 'python'] as const)('on %s', (side) => {
  it.each([[[]], ['...'], [[mx.Slice()]], [['...', mx.Slice()]]])(
    'an index of all, %j, is an array of its own',
    (index) => {
      const x = mx.withImplementation(side, () => mx.add(mx.ones([2, 3]), 1));
      const y = Array.isArray(index) ? x.index(...(index as mx.Slice[])) : x.index(index as string);
      y.dispose();
      expect(x.index(1, 2).item()).toBe(2);
      const z = x.index('...');
      x.dispose();
      expect(z.index(1, 2).item()).toBe(2);
    },
  );

  it.each(operations.map((operation) => [qualifiedName(operation), operation] as const))(
    'no result of %s is one of its arguments',
    (_, operation) => {
      const call = calls(operation) as fc.Arbitrary<Call>;
      fc.assert(
        fc.property(call, (drawn) => {
          const first = make(drawn, side);
          for (const array of first.results) array.dispose();
          for (const array of first.given) mx.eval(array);
          const second = make(drawn, side);
          for (const array of second.given) array.dispose();
          for (const array of second.results) expect(array.shape.length).toBe(array.ndim);
          const [one, ...others] = make(drawn, side).results;
          one?.dispose();
          for (const array of others) expect(array.shape.length).toBe(array.ndim);
        }),
        { numRuns: side === 'native' ? 5 : 2, seed: 1 },
      );
    },
  );
});
