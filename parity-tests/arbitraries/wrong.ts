import fc from 'fast-check';
import type { Operation } from '../../registry/operation.ts';
import type { Parameter, ParameterKind } from '../../registry/parameters.ts';
import { type Call, type Given, mapRecipes, recipesOf, sizeOf, TensorRecipe } from '../call.ts';
import { heldDtypes } from './dtypes.ts';
import { shapes } from './shapes.ts';
import { elementOf } from './values.ts';

/** What no parameter takes, or only one of another kind. */
const ODDITIES: readonly Given[] = [
  'axis',
  '',
  true,
  Number.NaN,
  1.5,
  -1,
  7,
  2 ** 31,
  -(2 ** 31) - 1,
  10n,
  2n ** 70n,
  [],
  [1, 'two'],
  [[1, 2], [3]],
  [0, 0],
  [9],
  [-9, 1.5],
  new Map(),
  new Date(0),
  () => 0,
  Symbol('oddity'),
  { unknownKey: 1 },
  null,
];

/** Numbers that are sizes make MLX allocate that much, so none of these is large. */
const SIZES: readonly Given[] = ODDITIES.filter((value) => typeof value !== 'number' || Math.abs(value) < 100);
/** Other numbers would be indices, starts or strides beyond the tensor. */
const HARMLESS: readonly Given[] = SIZES.filter((value) => typeof value !== 'number' && !Array.isArray(value));
const SIZE_KINDS: readonly ParameterKind[] = ['int', 'shape', 'number', 'ints', 'axes', 'any', 'pair'];

function odditiesFor({ kind }: Parameter, operation: Operation): readonly Given[] {
  if (operation.hazard !== undefined) return HARMLESS;
  return SIZE_KINDS.includes(kind) ? SIZES : ODDITIES;
}

type Change = (call: Call) => fc.Arbitrary<Call>;

/** Puts a value in the place of the parameter, however it was given. */
function replaceArgument(call: Call, at: number, value: Given): Call {
  const parameter = call.operation.parameters[at] as Parameter;
  if (at < call.positional.length && parameter.variadic !== true) {
    return { ...call, positional: call.positional.map((given, i) => (i === at ? value : given)) };
  }
  if (parameter.variadic === true) return { ...call, positional: [...call.positional, value] };
  return { ...call, keywords: { ...call.keywords, [parameter.name]: value } };
}

const wrongType: Change = (call) => {
  const { parameters } = call.operation;
  return fc.nat(Math.max(parameters.length - 1, 0)).chain((at) => {
    const parameter = parameters[at] as Parameter;
    return fc.constantFrom(...odditiesFor(parameter, call.operation)).map((value) => replaceArgument(call, at, value));
  });
};

const missing: Change = (call) =>
  fc
    .nat(Math.max(call.positional.length - 1, 0))
    .map((end) => ({ ...call, positional: call.positional.slice(0, end) }));

const unknownKeyword: Change = (call) =>
  fc
    .constantFrom('axes', 'keepdim', 'dytpe', 'nonsense')
    .map((name) => ({ ...call, keywords: { ...call.keywords, [name]: 1 } }));

const twice: Change = (call) => {
  const [first] = call.operation.parameters;
  if (first === undefined) return fc.constant(call);
  return fc.constant({ ...call, keywords: { ...call.keywords, [first.name]: call.positional[0] } });
};

const tooMany: Change = (call) => {
  const filler = Array.from({ length: call.operation.parameters.length }, () => 1);
  return fc.constant({ ...call, positional: [...call.positional, ...filler] });
};

const axisOutOfRange: Change = (call) => {
  // A list of integers is a size or a stride, too.
  const kinds = call.operation.hazard === undefined ? ['axis', 'axes', 'ints'] : ['axis', 'axes'];
  const axes = call.operation.parameters.flatMap(({ kind }, i) => (kinds.includes(kind) ? [i] : []));
  if (axes.length === 0) return wrongType(call);
  const outOfRange = fc.constantFrom<Given>(4, -5, 5, 99, -99);
  return fc
    .tuple(
      fc.constantFrom(...axes),
      fc.oneof(
        outOfRange,
        outOfRange.map((axis) => [axis]),
        fc.constantFrom([0, 0], [0, -1, 0]),
      ),
    )
    .map(([at, axis]) => replaceArgument(call, at, axis));
};

function changeOneTensor(call: Call, change: (recipe: TensorRecipe) => fc.Arbitrary<TensorRecipe>): fc.Arbitrary<Call> {
  const recipes = recipesOf(call);
  if (recipes.length === 0) return wrongType(call);
  return fc.nat(recipes.length - 1).chain((at) => {
    const old = recipes[at] as TensorRecipe;
    return change(old).map((changed) => {
      const put = (value: Given) => mapRecipes(value, (recipe) => (recipe === old ? changed : recipe));
      return { ...call, positional: call.positional.map(put), keywords: put(call.keywords) as Call['keywords'] };
    });
  });
}

const wrongDtype: Change = (call) =>
  changeOneTensor(call, ({ shape }) =>
    fc.constantFrom(...heldDtypes()).chain((dtype) => {
      const count = sizeOf(shape);
      return fc
        .array(elementOf(dtype, 'small'), { minLength: count, maxLength: count })
        .map((elements) => new TensorRecipe(dtype, shape, elements));
    }),
  );

const wrongShape: Change = (call) =>
  changeOneTensor(call, ({ dtype }) =>
    shapes({ maxRank: 4, maxSize: 4 }).chain((shape) => {
      const count = sizeOf(shape);
      return fc
        .array(elementOf(dtype, 'small'), { minLength: count, maxLength: count })
        .map((elements) => new TensorRecipe(dtype, shape, elements));
    }),
  );

/** Calls with one mistake in them; some turn out to be right, and then the results must agree. */
export function wrongCalls(operation: Operation, right: fc.Arbitrary<Call>): fc.Arbitrary<Call> {
  const changes: Change[] = [wrongType, missing, unknownKeyword, twice, tooMany, axisOutOfRange];
  if (operation.hazard === undefined) changes.push(wrongDtype, wrongShape, wrongShape);
  return fc.tuple(right, fc.constantFrom(...changes)).chain(([call, change]) => change(call));
}
