import fc from 'fast-check';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import type { InputSpec } from './rows.ts';

// A row for each function of `nn` and `optimizers` that takes arrays and is no loss: what to draw for it.

/** What a function takes behind its arrays, by position. */
export type Argument = number | boolean | readonly number[];

export interface FunctionRow {
  /** From the package on: `nn.relu`. */
  readonly name: string;
  /** Python's path, where it is not the same name in snake_case. */
  readonly python?: string;
  readonly call: (arrays: readonly mx.Array[], args: readonly Argument[]) => mx.Array;
  readonly inputs: fc.Arbitrary<readonly InputSpec[]>;
  readonly args: fc.Arbitrary<readonly Argument[]>;
}

type AnyFunction = (...args: readonly unknown[]) => mx.Array;

const few = fc.integer({ min: 1, max: 4 });
const shape = fc.array(few, { minLength: 0, maxLength: 2 }).map((batch) => [...batch, 4]);
const one = shape.map((extents) => [{ shape: extents }]);
const noArguments = fc.constant<readonly Argument[]>([]);

function activation(name: string, args: fc.Arbitrary<readonly Argument[]> = noArguments): FunctionRow {
  const fun = (nn as unknown as Record<string, AnyFunction>)[name] as AnyFunction;
  return { name: `nn.${name}`, call: (arrays, given) => fun(...arrays, ...given), inputs: one, args };
}

/** Nothing, or one of the numbers. */
function perhaps(...numbers: number[]): fc.Arbitrary<readonly Argument[]> {
  return fc.constantFrom([], ...numbers.map((number) => [number]));
}

const PLAIN = [
  ...['sigmoid', 'relu', 'relu2', 'relu6', 'softplus', 'softsign', 'silu', 'logSigmoid', 'gelu', 'geluApprox'],
  ...['geluFastApprox', 'selu', 'mish', 'hardswish', 'tanh'],
];

const image = fc
  .tuple(few, few, few, few)
  .map(([n, height, width, channels]) => [{ shape: [n, height + 1, width + 1, channels] }]);
const scales = fc.constantFrom([2, 2], [1.5, 2], [0.5, 1.5]);

function upsampling(name: string, python: string, args: fc.Arbitrary<readonly Argument[]>): FunctionRow {
  return {
    name: `nn.layers.${name}`,
    python,
    call: ([x], [scale, alignCorners, antialias]) =>
      (nn.layers as unknown as Record<string, AnyFunction>)[name]!(
        x,
        scale,
        ...(alignCorners === undefined ? [] : [{ alignCorners, antialias }]),
      ),
    inputs: image,
    args,
  };
}

const interpolation = fc
  .tuple(scales, fc.constantFrom([false, false], [true, false], [false, true]))
  .map(([scale, flags]): readonly Argument[] => [scale, ...flags]);

export const FUNCTIONS: readonly FunctionRow[] = [
  ...PLAIN.map((name) => activation(name)),
  ...['logSoftmax', 'softmax', 'softmin', 'glu'].map((name) => activation(name, perhaps(-1))),
  activation('leakyRelu', perhaps(0.01, 0.3)),
  activation('elu', perhaps(0.5, 1.5)),
  activation('celu', perhaps(0.5, 1.5)),
  activation('softshrink', perhaps(0.25)),
  activation('hardShrink', perhaps(0.25)),
  activation('step', perhaps(0.25)),
  activation('hardTanh', fc.constantFrom([], [-0.5, 0.75])),
  { ...activation('prelu'), inputs: shape.map((extents) => [{ shape: extents }, { shape: [4] }]) },
  upsampling(
    'upsampleNearest',
    'reference.upsample_nearest',
    scales.map((scale) => [scale]),
  ),
  upsampling('upsampleLinear', 'nn.layers.upsample.upsample_linear', interpolation),
  upsampling('upsampleCubic', 'nn.layers.upsample.upsample_cubic', interpolation),
  {
    name: 'optimizers.clipGradNorm',
    python: 'reference.clip_grad_norm',
    call: ([a, b], [most]) => {
      const [clipped, norm] = optimizers.clipGradNorm({ a, b: [b] }, most as number);
      return mx.concatenate([...[clipped.a, ...clipped.b].map((x) => mx.flatten(x as mx.Array)), norm.reshape(1)]);
    },
    inputs: fc.tuple(shape, shape).map(([a, b]) => [{ shape: a }, { shape: b }]),
    args: fc.constantFrom([0.5], [100]),
  },
];
