import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray, checkDims } from '../../arguments/checks.ts';
import { flag, number, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { Module } from '../module.ts';
import { flagText, floatText } from '../repr.ts';

function checkEps(eps: number, operation: string): number {
  if (eps > 0) return eps;
  throw new ArgumentError(`expected a positive number for "eps", received ${eps}`, { operation });
}

function refuse(operation: string, message: string): never {
  throw new ArgumentError(message, { operation });
}

/** Layers with a learnt scale and offset of the shape `[dims]`, if they are affine. */
abstract class Affine extends Module {
  declare weight?: Tensor;
  declare bias?: Tensor;

  protected scaled(x: Tensor): Tensor {
    return this.weight === undefined ? x : this.weight.multiply(x).add(this.bias as Tensor);
  }

  protected get affineText(): string {
    return `affine=${flagText(this.weight !== undefined)}`;
  }
}

const EPS = 1e-5;
const instanceNormArguments = signature('nn.InstanceNorm', {
  dims: size,
  eps: or(number, EPS),
  affine: or(flag, false),
});

/**
 * Normalizes each channel of each example of `[N, …, dims]` to mean 0 and variance 1.
 *
 * - `weight`, `bias`: `[dims]`, ones and zeros; only if `affine` is true
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.InstanceNorm.html
 */
export class InstanceNorm extends Affine {
  readonly dims: number;
  readonly eps: number;

  constructor(dims: number, eps?: number | { eps?: number; affine?: boolean }, affine?: boolean | { affine?: boolean });
  constructor(options: { dims: number; eps?: number; affine?: boolean });
  constructor(...args: unknown[]) {
    super();
    const { dims, eps, affine } = instanceNormArguments(args);
    this.eps = checkEps(eps, 'nn.InstanceNorm');
    if (affine) {
      this.weight = mx.ones([dims]);
      this.bias = mx.zeros([dims]);
    }
    this.dims = dims;
  }

  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.InstanceNorm');
    checkDims(x, 3, 'nn.InstanceNorm');
    const { shape } = x;
    const batch = shape[0] as number;
    const features = shape.at(-1) as number;
    const spatial = shape.slice(1, -1);
    const channelsFirst = mx.transpose(x, [0, shape.length - 1, ...spatial.map((_, i) => i + 1)]);
    const normal = mx.fast.layerNorm(channelsFirst.reshape(batch, features, -1), null, null, this.eps);
    const axes = [0, ...spatial.map((_, i) => i + 2), 1];
    return this.scaled(mx.transpose(normal.reshape(batch, features, ...spatial), axes));
  }

  protected override extraRepr(): string {
    return `${this.dims}, eps=${floatText(this.eps)}, ${this.affineText}`;
  }
}

const layerNormArguments = signature('nn.LayerNorm', {
  dims: size,
  eps: or(number, EPS),
  affine: or(flag, true),
  bias: or(flag, true),
});

interface LayerNormOptions {
  eps?: number;
  affine?: boolean;
  /** Default: true; an affine layer without it has no `bias`. */
  bias?: boolean;
}

/**
 * Normalizes the last axis, of the length `dims`, to mean 0 and variance 1.
 *
 * - `weight`, `bias`: `[dims]`, ones and zeros; absent if `affine` is false
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.LayerNorm.html
 */
export class LayerNorm extends Affine {
  readonly dims: number;
  readonly eps: number;

  constructor(
    dims: number,
    eps?: number | LayerNormOptions,
    affine?: boolean | LayerNormOptions,
    bias?: boolean | LayerNormOptions,
  );
  constructor(options: { dims: number } & LayerNormOptions);
  constructor(...args: unknown[]) {
    super();
    const { dims, eps, affine, bias } = layerNormArguments(args);
    this.eps = checkEps(eps, 'nn.LayerNorm');
    if (affine) {
      this.weight = mx.ones([dims]);
      if (bias) this.bias = mx.zeros([dims]);
    }
    this.dims = dims;
  }

  override forward(x: Tensor): Tensor {
    return mx.fast.layerNorm(x, this.weight ?? null, this.bias ?? null, this.eps);
  }

  protected override extraRepr(): string {
    return `${this.dims}, eps=${floatText(this.eps)}, ${this.affineText}`;
  }
}

const rmsNormArguments = signature('nn.RMSNorm', { dims: size, eps: or(number, EPS) });

/**
 * Divides the last axis, of the length `dims`, by its root mean square.
 *
 * - `weight`: `[dims]`, ones
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.RMSNorm.html
 */
export class RMSNorm extends Module {
  weight: Tensor;
  readonly eps: number;

  constructor(dims: number, eps?: number | { eps?: number });
  constructor(options: { dims: number; eps?: number });
  constructor(...args: unknown[]) {
    super();
    const { dims, eps } = rmsNormArguments(args);
    this.eps = checkEps(eps, 'nn.RMSNorm');
    this.weight = mx.ones([dims]);
  }

  override forward(x: Tensor): Tensor {
    return mx.fast.rmsNorm(x, this.weight, this.eps);
  }

  protected override extraRepr(): string {
    return `${this.weight.shape[0]}, eps=${floatText(this.eps)}`;
  }
}

const groupNormArguments = signature('nn.GroupNorm', {
  numGroups: size,
  dims: size,
  eps: or(number, EPS),
  affine: or(flag, true),
  pytorchCompatible: or(flag, false),
});

interface GroupNormOptions {
  eps?: number;
  affine?: boolean;
  /** Neighbouring channels form a group, as in PyTorch, rather than every `numGroups`-th one. Default: false. */
  pytorchCompatible?: boolean;
}

/**
 * Normalizes groups of channels of `[N, …, dims]` to mean 0 and variance 1.
 *
 * - `bias`, `weight`: `[dims]`, zeros and ones; absent if `affine` is false
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.GroupNorm.html
 */
export class GroupNorm extends Affine {
  readonly numGroups: number;
  readonly dims: number;
  readonly eps: number;
  readonly pytorchCompatible: boolean;

  constructor(
    numGroups: number,
    dims: number,
    eps?: number | GroupNormOptions,
    affine?: boolean | GroupNormOptions,
    pytorchCompatible?: boolean,
  );
  constructor(options: { numGroups: number; dims: number } & GroupNormOptions);
  constructor(...args: unknown[]) {
    super();
    const { numGroups, dims, eps, affine, pytorchCompatible } = groupNormArguments(args);
    this.eps = checkEps(eps, 'nn.GroupNorm');
    if (dims % numGroups !== 0) {
      refuse('nn.GroupNorm', `expected a number of channels that ${numGroups} groups divide, received ${dims}`);
    }
    if (affine) {
      this.bias = mx.zeros([dims]);
      this.weight = mx.ones([dims]);
    }
    this.numGroups = numGroups;
    this.dims = dims;
    this.pytorchCompatible = pytorchCompatible;
  }

  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.GroupNorm');
    checkDims(x, 1, 'nn.GroupNorm');
    return this.scaled(this.pytorchCompatible ? this.#neighbours(x) : this.#strided(x));
  }

  #neighbours(x: Tensor): Tensor {
    const { shape } = x;
    const batch = shape[0] as number;
    const perGroup = (shape.at(-1) as number) / this.numGroups;
    const groups = x
      .reshape(batch, -1, this.numGroups, perGroup)
      .transpose(0, 2, 1, 3)
      .reshape(batch, this.numGroups, -1);
    return mx.fast
      .layerNorm(groups, null, null, this.eps)
      .reshape(batch, this.numGroups, -1, perGroup)
      .transpose(0, 2, 1, 3)
      .reshape(...shape);
  }

  #strided(x: Tensor): Tensor {
    const { shape } = x;
    const groups = x.reshape(shape[0] as number, -1, this.numGroups);
    const centred = groups.subtract(mx.mean(groups, 1, true));
    return centred.multiply(mx.rsqrt(mx.var(groups, 1, true).add(this.eps))).reshape(...shape);
  }

  protected override extraRepr(): string {
    const eps = floatText(this.eps);
    const compatible = flagText(this.pytorchCompatible);
    return `${this.numGroups}, ${this.dims}, eps=${eps}, ${this.affineText}, pytorch_compatible=${compatible}`;
  }
}

const batchNormArguments = signature('nn.BatchNorm', {
  numFeatures: size,
  eps: or(number, EPS),
  momentum: or(number, 0.1),
  affine: or(flag, true),
  trackRunningStats: or(flag, true),
});

interface BatchNormOptions {
  eps?: number;
  /** The weight of the present batch in the running statistics. Default: 0.1. */
  momentum?: number;
  affine?: boolean;
  /** Whether evaluation uses statistics that training gathered. Default: true. */
  trackRunningStats?: boolean;
}

const RUNNING = ['running_mean', 'running_var'];

/**
 * Normalizes each channel of `[N, …, numFeatures]`, of 2 to 4 dimensions, over all else: by its own mean and variance in
 * training, in evaluation by those that training gathered.
 *
 * - `weight`, `bias`: `[numFeatures]`, ones and zeros; absent if `affine` is false
 * - `running_mean`, `running_var`: `[numFeatures]`, zeros and ones, always frozen; absent without `trackRunningStats`
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.BatchNorm.html
 */
export class BatchNorm extends Affine {
  declare running_mean?: Tensor;
  declare running_var?: Tensor;
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number;
  readonly trackRunningStats: boolean;

  constructor(
    numFeatures: number,
    eps?: number | BatchNormOptions,
    momentum?: number | BatchNormOptions,
    affine?: boolean | BatchNormOptions,
    trackRunningStats?: boolean,
  );
  constructor(options: { numFeatures: number } & BatchNormOptions);
  constructor(...args: unknown[]) {
    super();
    const { numFeatures, eps, momentum, affine, trackRunningStats } = batchNormArguments(args);
    this.eps = checkEps(eps, 'nn.BatchNorm');
    this.numFeatures = numFeatures;
    this.momentum = momentum;
    this.trackRunningStats = trackRunningStats;
    if (affine) {
      this.weight = mx.ones([numFeatures]);
      this.bias = mx.zeros([numFeatures]);
    }
    if (trackRunningStats) {
      this.running_mean = mx.zeros([numFeatures]);
      this.running_var = mx.ones([numFeatures]);
      this.freeze({ keys: RUNNING, recurse: false });
    }
  }

  protected override get fixedParameters(): readonly string[] {
    return RUNNING;
  }

  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.BatchNorm');
    checkDims(x, 2, 'nn.BatchNorm', 4);
    const { shape } = x;
    if (this.training && shape.slice(0, -1).every((extent) => extent === 1)) {
      refuse(
        'nn.BatchNorm',
        `expected more than one value for each channel in training, received the shape [${shape}]`,
      );
    }
    const axes = shape.slice(0, -1).map((_, i) => i);
    let mean = mx.mean(x, axes);
    let variance = mx.var(x, axes);
    if (this.running_mean !== undefined && this.running_var !== undefined) {
      if (this.training) {
        this.running_mean = this.#moved(this.running_mean, mean);
        this.running_var = this.#moved(this.running_var, mx.var(x, axes, false, 1));
      } else {
        mean = this.running_mean;
        variance = this.running_var;
      }
    }
    return this.scaled(x.subtract(mean).multiply(mx.rsqrt(variance.add(this.eps))));
  }

  #moved(running: Tensor, present: Tensor): Tensor {
    return mx.multiply(1 - this.momentum, running).add(mx.multiply(this.momentum, present));
  }

  protected override extraRepr(): string {
    return (
      `${this.numFeatures}, eps=${floatText(this.eps)}, momentum=${floatText(this.momentum)}, ${this.affineText}, ` +
      `track_running_stats=${flagText(this.trackRunningStats)}`
    );
  }
}
