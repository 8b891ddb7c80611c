import { bool, isInexact } from '../../foundation/values/dtypes.ts';
import { Complex } from '../../foundation/values/values.ts';
import type { TransformLimit } from '../../registry/sample.ts';
import { type Call, recipesOf, TensorRecipe } from '../call.ts';
import type { Kind } from './kinds.ts';

/** Something that MLX’s own transforms get wrong, the same on both sides. */
export interface Limit {
  readonly kinds: readonly Kind[];
  readonly reason: string;
  /** The calls that it is about; all of an operation that names it where there is none. */
  readonly isAbout?: (call: Call) => boolean;
  /** What MLX gives depends on memory out of bounds, so that the sides differ as well. */
  readonly readsOutOfBounds?: true;
  /** An expression of plain Python for the operation of that name, true once MLX has it right; `same` and `vjp` are at hand. */
  readonly python: (name: string) => string;
}

/** What the call gives the parameter, by Python’s name for it; undefined where it leaves it out. */
function argument({ operation, positional, keywords }: Call, name: string): unknown {
  return keywords[name] ?? positional[operation.parameters.findIndex((parameter) => parameter.name === name)];
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.flatMap(numbers) : typeof value === 'number' ? [value] : [];
}

function isOrdinary(element: unknown): boolean {
  const parts = element instanceof Complex ? [element.re, element.im] : [Number(element)];
  return parts.every((part) => Number.isFinite(part) && Math.abs(part) < 1e30);
}

/** Sizes of the FFT: the last one is that of the axis of which half is given. */
function halvedSize(call: Call): number | undefined {
  return numbers(argument(call, 'n') ?? argument(call, 's')).at(-1);
}

function isDilated(call: Call): boolean {
  const factors = ['dilation', 'kernel_dilation', 'input_dilation'].map((name) => argument(call, name));
  return numbers(factors).some((factor) => factor !== 1);
}

/** The sizes that the parameter gives the axes behind the first one of the call’s first tensor. */
function spatial(call: Call, name: string, fallback: number): number[] {
  const given = numbers(argument(call, name) ?? fallback);
  return Array.from(
    { length: (recipesOf(call)[0]?.shape.length ?? 2) - 2 },
    (_, i) => given[i] ?? given[0] ?? fallback,
  );
}

function reachesStride(call: Call): boolean {
  const strides = spatial(call, 'stride', 1);
  return spatial(call, 'output_padding', 0).some((extra, axis) => extra >= (strides[axis] as number));
}

/** Whether the kernel fits into the padding: what is padded is the input once it is spread, which no zeros stand for. */
function fitsPadding(call: Call): boolean {
  const kernel = recipesOf(call)[1]?.shape.slice(1, -1) ?? [];
  const widest = Math.max(...numbers(argument(call, 'padding')), 0);
  const dilations = spatial(call, 'kernel_dilation', 1);
  return kernel.some((taps, axis) => widest > (dilations[axis] as number) * (taps - 1));
}

const DERIVATIVES = ['vjp', 'second-vjp'] as const;

/**
 * Where MLX’s own rules give another value than differences, a loop or the call without compile do. What is named here
 * is still compared between the sides; a test fails once MLX has it right.
 */
export const MLX_LIMITS: Readonly<Record<TransformLimit, Limit>> = {
  'scaled-by-value': {
    kinds: DERIVATIVES,
    reason: 'MLX multiplies the cotangent with the value',
    python: (name) =>
      `same(vjp(lambda v: mx.${name}(${name === 'full' ? '(2,)' : 'mx.zeros(2)'}, v), mx.array(3.0))[0], mx.array(2.0))`,
  },
  'untransposed-hadamard': {
    kinds: DERIVATIVES,
    reason: 'MLX takes the matrix for its own transpose, which those of 20 and 28 are not',
    isAbout: (call) => [5, 7].some((factor) => (recipesOf(call)[0]?.shape.at(-1) ?? 1) % factor === 0),
    python: () => 'transposed_hadamard()',
  },
  'condition-of-floats': {
    kinds: ['second-vjp'],
    reason: 'MLX gives a condition of floats the derivative that is of the branch',
    // Differences are of floats, whatever numbers the call has.
    isAbout: (call) => recipesOf(call)[0]?.dtype !== bool,
    python: () =>
      'same(vjp(lambda c, b: vjp(lambda c, b: mx.where(c, b, 0.0), c, b)[1], mx.ones(1), mx.ones(1))[0], mx.zeros(1))',
  },
  'reversed-slice': {
    kinds: ['vjp', 'second-vjp', 'jvp', 'vmap'],
    reason: 'MLX takes a reversed slice of one element for an empty one',
    isAbout: (call) => argument(call, 'mode') !== 'constant' && numbers(argument(call, 'pad_width')).includes(1),
    python: () => "same(vjp(lambda x: mx.pad(x, (1, 0), 'symmetric'), mx.ones(2))[0], mx.array([2.0, 1.0]))",
  },
  'unmapped-operand': {
    kinds: ['vmap'],
    reason: 'MLX does not line up a first operand that is not mapped with one of more axes that is',
    isAbout: (call) => !(argument(call, 'a') instanceof TensorRecipe),
    python: (name) => `mx.vmap(lambda b: mx.${name}(0, b))(mx.array([[1], [2]])).shape == (2, 1)`,
  },
  'unmapped-update': {
    kinds: ['vmap'],
    reason: 'MLX writes an update that is not mapped to the first row only',
    isAbout: (call) => !(argument(call, 'value') instanceof TensorRecipe),
    python: (name) => `mapped_write('${name.slice(6)}')`,
  },
  'misplaced-axes': {
    kinds: ['vmap'],
    reason: 'MLX adds axes in the wrong places to a value that is mapped over another axis than the first',
    isAbout: (call) => numbers(argument(call, 'index')).length > 0,
    python: () => 'mx.vmap(lambda x: mx.expand_dims(x, (0, 1)), in_axes=1)(mx.zeros((2, 3))).shape == (3, 1, 1, 2)',
  },
  'order-of-elements': {
    kinds: ['vmap'],
    reason: 'which NaN or infinity remains depends on the order of the elements, which is another with one more axis',
    isAbout: (call) => recipesOf(call).some(({ elements }) => !elements.every(isOrdinary)),
    python: (name) => `mapped_order('${name}')`,
  },
  'softmax-of-integers': {
    kinds: ['vmap'],
    reason: 'MLX makes integers of NaN, which another instruction does in another way',
    isAbout: (call) => recipesOf(call).some(({ dtype }) => !isInexact(dtype)),
    python: () => 'mx.softmax(mx.array([0, 0, 1], mx.uint32).reshape(3, 1, 1, 1)).dtype == mx.float32',
  },
  'addmm-factors': {
    kinds: ['jvp'],
    reason: 'MLX leaves alpha and beta out',
    isAbout: (call) => [argument(call, 'alpha'), argument(call, 'beta')].some((factor) => (factor ?? 1) !== 1),
    python: () =>
      'same(mx.jvp(lambda c: mx.addmm(c, mx.ones((1, 1)), mx.ones((1, 1)), beta=2.0), [mx.ones((1, 1))], ' +
      '[mx.ones((1, 1))])[1][0], mx.array([[2.0]]))',
  },
  'mapped-triangle': {
    kinds: ['vmap'],
    reason: 'MLX drops that the matrix is a triangle, and which one',
    isAbout: (call) => (recipesOf(call)[0]?.shape.at(-1) ?? 0) > 1,
    python: (name) => `mapped_triangle('${name.slice(7)}')`,
  },
  'odd-size': {
    kinds: ['jvp', 'vmap'],
    reason: 'MLX takes one less than the last size where that is odd',
    isAbout: (call) => (halvedSize(call) ?? 0) % 2 === 1,
    python: (name) =>
      `mx.vmap(lambda z: mx.${name}(z, ${name.endsWith('irfft') ? '3' : '(2, 3), (0, 1)'}))` +
      '(mx.ones((2, 2, 2))).shape[-1] == 3',
  },
  'padding-out-of-bounds': {
    kinds: ['second-vjp'],
    reason: 'MLX takes the sizes of a padding from memory out of bounds',
    isAbout: (call) => (argument(call, 'groups') ?? 1) === 1 && !isDilated(call),
    readsOutOfBounds: true,
    python: () => 'padding_out_of_bounds()',
  },
  'longer-input': {
    kinds: DERIVATIVES,
    reason: 'the derivative by the input is longer than it where output_padding reaches the stride',
    isAbout: reachesStride,
    python: (name) => `longer_input('${name}')`,
  },
  'cut-twice': {
    kinds: DERIVATIVES,
    reason: 'MLX cuts the derivative by a spread input twice by what the padding has more than the kernel',
    isAbout: fitsPadding,
    python: () => 'cut_twice()',
  },
  'rope-of-two': {
    kinds: DERIVATIVES,
    reason: 'MLX takes another derivative of traditional rotations of two features',
    isAbout: (call) => argument(call, 'traditional') === true && argument(call, 'dims') === 2,
    python: () =>
      'same(vjp(lambda x: mx.fast.rope(x, 2, traditional=True, base=10000.0, scale=1.0, offset=0), ' +
      'mx.ones((1, 1, 2)))[0], mx.ones((1, 1, 2)))',
  },
};

/** What is known of that transform of the call. */
export function limitOf(kind: Kind, call: Call): Limit | undefined {
  const { limits = [] } = call.operation;
  return limits
    .map((name) => MLX_LIMITS[name])
    .find(({ kinds, isAbout = () => true }) => kinds.includes(kind) && isAbout(call));
}
