import { MlxRouterError } from '../../foundation/errors/errors.ts';
import { type DtypeName, float64, isInexact } from '../../foundation/values/dtypes.ts';
import { core as mx } from '../../mlx/index.ts';
import { heldDtypes } from '../arbitraries/dtypes.ts';
import type { Call } from '../call.ts';
import { functionOf, gradientsOf, type Run, weights } from './native.ts';
import { differentiable } from './places.ts';
import { scattered, smoothed } from './smooth.ts';

type Tensor = mx.Array;
export type Derivative = 'vjp' | 'second-vjp' | 'jvp';

export interface Slope {
  /** Whether the derivative is anything but zero. */
  readonly isSloped: boolean;
  /** Whether the differences were exact enough to be held against. */
  readonly isExact: boolean;
  /** What differs by more than the differences' own error. */
  readonly difference: string | undefined;
}

const NOTHING: Slope = { isSloped: false, isExact: false, difference: undefined };
const SINGLE = 2 ** -23;
/** How far apart the numbers next to one are. */
export const PRECISIONS: Readonly<Partial<Record<DtypeName, number>>> = {
  float64: 2 ** -52,
  float32: SINGLE,
  complex64: SINGLE,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};
/** Steps along the line: the error falls with the fourth power, the noise rises with the inverse. */
const STEPS = { double: 2e-3, single: 4e-2 };

/** The inexact results in real parts, so that no convention about complex derivatives comes in. */
function realParts(run: Run): Run {
  return (...inputs) =>
    run(...inputs)
      .filter(({ dtype }) => isInexact(dtype))
      .flatMap((output) => (output.dtype.kind === 'complex' ? [mx.real(output), mx.imag(output)] : [output]));
}

function elementsOf(tensors: readonly Tensor[]): number[] {
  const widest = heldDtypes().includes(float64) ? mx.float64 : mx.float32;
  return tensors.flatMap((tensor) => Array.from(mx.flatten(tensor).astype(widest).toTypedArray() as Float64Array));
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, i) => sum + value * (other[i] as number), 0);
}

function magnitude(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, i) => sum + Math.abs(value * (other[i] as number)), 0);
}

/** Another direction for every tensor, in its own dtype. */
function directions(primals: readonly Tensor[]): Tensor[] {
  return primals.map((primal, place) => {
    const elements = Float64Array.from({ length: primal.size }, (_, i) => 2 * scattered(i, place + 7) - 1);
    return mx.array(elements, primal.dtype).reshape(primal.shape);
  });
}

/** Holds one derivative of the call, at smooth exact floats, against differences along a line. */
export function slopeOf(original: Call, which: Derivative): Slope {
  const { call, places } = smoothed(original);
  if (places.length === 0) return NOTHING;
  try {
    const { run, primals } = functionOf(call, places);
    const real = realParts(run);
    // A gradient is as coarse as what it is the gradient of.
    const coarsest = Math.max(...run(...primals).map(({ dtype }) => PRECISIONS[dtype.name] ?? 0), 0);
    const precision = Math.max(coarsest, call.operation.precision === 'single' ? SINGLE : 0);
    return along(which === 'second-vjp' ? gradientsOf(real) : real, primals, which, precision);
  } catch (error) {
    // MLX has no such derivative: that both sides say so alike is seen where they are compared.
    if (error instanceof MlxRouterError) return NOTHING;
    throw error;
  }
}

/** Whether a gradient of the call’s inexact results has an element that is neither zero nor infinite. */
export function hasSlope(call: Call): boolean {
  const places = differentiable(call);
  if (places.length === 0) return false;
  const { run, primals } = functionOf(call, places);
  let gradients: Tensor[];
  try {
    gradients = gradientsOf(realParts(run))(...primals);
  } catch (error) {
    if (error instanceof MlxRouterError) return false;
    throw error;
  }
  const elements = elementsOf(
    gradients.flatMap((each) => (each.dtype.kind === 'complex' ? [mx.real(each), mx.imag(each)] : [each])),
  );
  return elements.some((element) => element !== 0 && Number.isFinite(element));
}

function along(run: Run, primals: readonly Tensor[], which: Derivative, coarsest: number): Slope {
  const line = directions(primals);
  const outputs = run(...primals);
  const cotangents = outputs.map(weights);
  const factors = elementsOf(cotangents);
  const at = (distance: number): number[] =>
    elementsOf(run(...primals.map((primal, i) => primal.add((line[i] as Tensor).multiply(distance)))));
  const forward = which === 'jvp';
  const products = forward ? mx.jvp(run, primals, line)[1] : mx.vjp(run, primals, cotangents)[1];
  const [terms, weighting] = [elementsOf(products), forward ? factors : elementsOf(line)];
  const slope = dot(terms, weighting);
  const isSloped = terms.some((term) => term !== 0 && Number.isFinite(term));

  const precisions = [...outputs, ...primals].map(({ dtype }) => PRECISIONS[dtype.name] ?? 1);
  const precision = Math.max(coarsest, ...precisions);
  const step = precision >= SINGLE ? STEPS.single : STEPS.double;
  const [wide, narrow] = [step, step / 2].map((half) => {
    const [up, down] = [at(half), at(-half)];
    return { slope: (dot(up, factors) - dot(down, factors)) / (2 * half), size: magnitude(up, factors) };
  }) as [{ slope: number; size: number }, { slope: number; size: number }];
  const expected = (4 * narrow.slope - wide.slope) / 3;
  const scale = Math.max(Math.abs(expected), magnitude(terms, weighting), 1e-3 * wide.size);
  const error = 2 * Math.abs(narrow.slope - wide.slope) + (16 * precision * wide.size) / step + 64 * precision * scale;
  if (!Number.isFinite(error) || !Number.isFinite(slope) || error > (precision < SINGLE ? 1e-5 : 1e-3) * scale)
    return { ...NOTHING, isSloped };
  const difference =
    Math.abs(slope - expected) <= error
      ? undefined
      : `the derivative along a line is ${slope}, differences give ${expected} ± ${error.toExponential(1)}`;
  return { isSloped, isExact: true, difference };
}
