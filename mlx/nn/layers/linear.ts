import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray } from '../../arguments/checks.ts';
import { flag, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { Module } from '../module.ts';
import { flagText } from '../repr.ts';
import { drawn } from './drawn.ts';
import { QQLinear, type QuantizeArguments, QuantizedLinear, quantizeKinds } from './quantized.ts';

/** Gives back what it gets, whatever it was made with. */
export class Identity extends Module {
  constructor(..._: unknown[]) {
    super();
  }

  override forward<T>(x: T): T {
    return x;
  }
}

const toQuantizedArguments = signature('nn.Linear.toQuantized', quantizeKinds);
const linearArguments = signature('nn.Linear', { inputDims: size, outputDims: size, bias: or(flag, true) });

/**
 * `x · weightᵀ + bias`.
 *
 * - `weight`: `[outputDims, inputDims]`, drawn evenly within `√(1 / inputDims)`
 * - `bias`: `[outputDims]`, likewise; absent if `bias` is false
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.Linear.html
 */
export class Linear extends Module {
  weight: Tensor;
  declare bias?: Tensor;

  constructor(inputDims: number, outputDims: number, bias?: boolean | { bias?: boolean });
  constructor(options: { inputDims: number; outputDims: number; bias?: boolean });
  constructor(...args: unknown[]) {
    super();
    const { inputDims, outputDims, bias } = linearArguments(args);
    const scale = Math.sqrt(1 / inputDims);
    this.weight = drawn(scale, outputDims, inputDims);
    if (bias) this.bias = drawn(scale, outputDims);
  }

  /** `[…, inputDims]` → `[…, outputDims]` */
  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.Linear');
    const weight = this.weight.T;
    return this.bias === undefined ? x.matmul(weight) : mx.addmm(this.bias, x, weight);
  }

  /** A layer of the same weight, quantized. `quantizeInput`: its inputs as well, of the modes that can. */
  toQuantized(...settings: QuantizeArguments): QuantizedLinear | QQLinear {
    const { quantizeInput, ...how } = toQuantizedArguments(settings);
    return quantizeInput ? QQLinear.fromLinear(this, how) : QuantizedLinear.fromLinear(this, how);
  }

  protected override extraRepr(): string {
    const [output, input] = this.weight.shape;
    return `input_dims=${input}, output_dims=${output}, bias=${flagText(this.bias !== undefined)}`;
  }
}

const bilinearArguments = signature('nn.Bilinear', {
  input1Dims: size,
  input2Dims: size,
  outputDims: size,
  bias: or(flag, true),
});

/**
 * `x1 · weight[i] · x2 + bias[i]` for each output `i`.
 *
 * - `weight`: `[outputDims, input2Dims, input1Dims]`
 * - `bias`: `[outputDims]`, absent if `bias` is false
 */
export class Bilinear extends Module {
  weight: Tensor;
  declare bias?: Tensor;

  constructor(input1Dims: number, input2Dims: number, outputDims: number, bias?: boolean | { bias?: boolean });
  constructor(options: { input1Dims: number; input2Dims: number; outputDims: number; bias?: boolean });
  constructor(...args: unknown[]) {
    super();
    const { input1Dims, input2Dims, outputDims, bias } = bilinearArguments(args);
    const scale = Math.sqrt(1 / input1Dims);
    this.weight = drawn(scale, outputDims, input2Dims, input1Dims);
    if (bias) this.bias = drawn(scale, outputDims);
  }

  /** `[…, input1Dims]` and `[…, input2Dims]` → `[…, outputDims]` */
  override forward(x1: Tensor, x2: Tensor): Tensor {
    checkArray(x1, 'x1', 'nn.Bilinear');
    checkArray(x2, 'x2', 'nn.Bilinear');
    const [out, in2, in1] = this.weight.shape as [number, number, number];
    const batch = x1.shape.slice(0, -1);
    const weight = this.weight.reshape(out * in2, in1);
    const left = x1.reshape(-1, in1).matmul(weight.T).reshape(-1, out, in2).swapaxes(-2, -1);
    const y = x2
      .reshape(-1, 1, in2)
      .matmul(left)
      .squeeze(1)
      .reshape(...batch, out);
    return this.bias === undefined ? y : y.add(this.bias);
  }

  protected override extraRepr(): string {
    const [out, in2, in1] = this.weight.shape;
    const bias = flagText(this.bias !== undefined);
    return `input1_dims=${in1}, input2_dims=${in2}, output_dims=${out}, bias=${bias}`;
  }
}
