import fc from 'fast-check';
import { int32 } from '../../foundation/values/dtypes.ts';
import type { Operation } from '../../registry/operation.ts';
import type { Parameter } from '../../registry/parameters.ts';
import { type Given, OMITTED, type Omitted, type ParameterValues } from '../call.ts';
import { anyDtype } from './dtypes.ts';
import { keys, weakNumber } from './scalars.ts';
import { shapes } from './shapes.ts';

/** Integers that mean something of their own, by the parameter's name. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  n: [0, 8],
  m: [0, 8],
  M: [0, 40],
  num: [0, 20],
  k: [-4, 4],
  ddof: [0, 3],
  decimals: [-2, 4],
};

/** An axis of a tensor of that rank, counted from either end. */
export function axisOf(rank: number): fc.Arbitrary<number> {
  return rank === 0 ? fc.constantFrom(0, -1) : fc.integer({ min: -rank, max: rank - 1 });
}

/** Different axes, some of them counted from the end. */
export function differentAxes(rank: number, min = 0, max = rank): fc.Arbitrary<number[]> {
  const all = Array.from({ length: rank }, (_, i) => i);
  return fc
    .tuple(fc.shuffledSubarray(all, { minLength: min, maxLength: max }), fc.array(fc.boolean(), { minLength: rank }))
    .map(([axes, negative]) => axes.map((axis, i) => (negative[i] ? axis - rank : axis)));
}

/** A right argument for the parameter, beside a tensor of that rank. */
function argumentFor(parameter: Parameter, operation: Operation, rank: number): fc.Arbitrary<Given> {
  const right = rightArgument(parameter, operation, rank);
  return parameter.nullable ? fc.oneof(fc.constant(null), right) : right;
}

function rightArgument(parameter: Parameter, { sample }: Operation, rank: number): fc.Arbitrary<Given> {
  switch (parameter.kind) {
    case 'int': {
      const [min, max] = RANGES[parameter.name] ?? [-3, 3];
      return fc.integer({ min, max });
    }
    case 'float':
    case 'number':
      return fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(0.5, 1e-5, 0.1, 1.5));
    case 'bool':
      return fc.boolean();
    case 'string':
      return fc.constantFrom(...(parameter.choices ?? []));
    case 'axis':
      return axisOf(rank);
    case 'axes':
      return rank === 0 ? fc.constant([]) : fc.oneof(axisOf(rank), differentAxes(rank));
    case 'ints':
      return differentAxes(rank);
    case 'shape':
      return fc.oneof(shapes({ maxRank: 3 }), fc.nat(5));
    case 'pair':
      return fc.oneof(
        fc.integer({ min: 1, max: 3 }),
        fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      );
    case 'dtype':
      return anyDtype(sample.dtypes);
    case 'operand':
    case 'value':
      return weakNumber(int32);
    case 'key':
      return keys;
    default:
      throw new TypeError(`${parameter.name}: arguments of kind ${parameter.kind} need a generator of their own`);
  }
}

/** As `argumentFor`, left out now and then where it may be. */
function optional(parameter: Parameter, operation: Operation, rank: number): fc.Arbitrary<Given | Omitted> {
  const given = argumentFor(parameter, operation, rank);
  if (parameter.fallback === undefined) return given;
  return fc.oneof({ arbitrary: fc.constant<Given>(OMITTED), weight: 1 }, { arbitrary: given, weight: 2 });
}

/** The tensors' arguments, then one for each parameter behind them. */
export function withRest(operation: Operation, leading: ParameterValues, rank: number): fc.Arbitrary<ParameterValues> {
  const rest = operation.parameters.slice(leading.length).map((parameter) => optional(parameter, operation, rank));
  return fc.tuple(...rest).map((values) => [...leading, ...values]);
}
