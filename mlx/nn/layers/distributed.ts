import { ArgumentError } from '../../../foundation/errors/errors.ts';
import { describeValue } from '../../../registry/arguments/describe.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray } from '../../arguments/checks.ts';
import { choice, flag, group, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import type { Group } from '../../devices/distributed.ts';
import { checkModule, Module } from '../module.ts';
import { flagText } from '../repr.ts';
import { drawn } from './drawn.ts';
import { Linear } from './linear.ts';
import {
  type QuantizationMode,
  type QuantizationOptions,
  QuantizedLinear,
  quantized,
  quantizedProduct,
} from './quantized.ts';
import {
  optionsFor,
  predicateOf,
  type Sharding,
  type ShardingOptions,
  type ShardingPredicate,
  shard,
  sumGradients,
} from './sharding.ts';

const inplaceOptions = optionsFor('nn.layers.shardInplace');
const kindOfSharding = { sharding: choice('all-to-sharded', 'sharded-to-all') };
const inplaceSharding = signature('nn.layers.shardInplace', kindOfSharding);
const linearSharding = signature('nn.layers.shardLinear', kindOfSharding);

/** Keeps of a module's parameters the part that is this process's. */
export function shardInplace(
  module: Module,
  sharding: Sharding | ShardingPredicate,
  options: ShardingOptions = {},
): void {
  checkModule(module, 'nn.layers.shardInplace');
  const { segments, group } = inplaceOptions(options);
  const isOwn = typeof sharding === 'function';
  const predicate = isOwn ? sharding : predicateOf(inplaceSharding([sharding]).sharding, segments);
  module.update(shard(module.parameters(), predicate, group));
}

/** The layer of the same weights of which this process has its part. */
export function shardLinear(
  module: Linear | QuantizedLinear,
  sharding: Sharding,
  options: ShardingOptions = {},
): Module {
  const isWide = linearSharding([sharding]).sharding === 'all-to-sharded';
  if (module instanceof Linear) {
    return isWide ? AllToShardedLinear.fromLinear(module, options) : ShardedToAllLinear.fromLinear(module, options);
  }
  if (!(module instanceof QuantizedLinear)) {
    throw new ArgumentError(`expected an nn.Linear or nn.QuantizedLinear, received ${describeValue(module)}`, {
      operation: 'nn.layers.shardLinear',
    });
  }
  return isWide
    ? QuantizedAllToShardedLinear.fromQuantizedLinear(module, options)
    : QuantizedShardedToAllLinear.fromQuantizedLinear(module, options);
}

function checkLinear(layer: unknown, operation: string): asserts layer is Linear {
  if (layer instanceof Linear) return;
  throw new ArgumentError(`expected an nn.Linear, received ${describeValue(layer)}`, { operation });
}

function checkQuantized(layer: unknown, operation: string): asserts layer is QuantizedLinear {
  if (layer instanceof QuantizedLinear) return;
  throw new ArgumentError(`expected an nn.QuantizedLinear, received ${describeValue(layer)}`, { operation });
}

const linearKinds = {
  inputDims: size,
  outputDims: size,
  bias: or(flag, true),
};
const groupKind = { group: or(group, null) };

function shareOf(dims: number, group: Group, name: string, operation: string): number {
  const count = group.size();
  if (dims % count === 0) return dims / count;
  throw new ArgumentError(`expected a size that ${count} processes divide for "${name}", received ${dims}`, {
    operation,
  });
}

interface ShardedOptions {
  bias?: boolean;
  /** Default: all processes. */
  group?: Group | null;
}

/** Layers that a group shares. */
abstract class Sharded extends Module {
  readonly #group: Group;

  constructor(group: Group | null) {
    super();
    this.#group = group ?? mx.distributed.init();
  }

  get group(): Group {
    return this.#group;
  }
}

const allToShardedLinearArguments = signature('nn.AllToShardedLinear', { ...linearKinds, ...groupKind });
const allToShardedLinearOptions = optionsFor('nn.AllToShardedLinear.fromLinear');

/** A linear layer of whose outputs each process has its part. */
export class AllToShardedLinear extends Sharded {
  weight: Tensor;
  declare bias?: Tensor;

  constructor(inputDims: number, outputDims: number, bias?: boolean | ShardedOptions, group?: Group | null);
  constructor(...args: unknown[]) {
    const operation = 'nn.AllToShardedLinear';
    const { inputDims, outputDims, bias, group } = allToShardedLinearArguments(args);
    super(group);
    const own = shareOf(outputDims, this.group, 'outputDims', operation);
    const scale = Math.sqrt(1 / inputDims);
    this.weight = drawn(scale, own, inputDims);
    if (bias) this.bias = drawn(scale, own);
  }

  static fromLinear(linear: Linear, options: ShardingOptions = {}): AllToShardedLinear {
    const { segments, group } = allToShardedLinearOptions(options);
    checkLinear(linear, 'nn.AllToShardedLinear.fromLinear');
    const [output, input] = linear.weight.shape as [number, number];
    const layer = new AllToShardedLinear(input, output, linear.bias !== undefined, group);
    return layer.update(shard(linear.parameters(), predicateOf('all-to-sharded', segments), group));
  }

  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.AllToShardedLinear');
    const input = sumGradients(this.group)(x);
    return this.bias === undefined ? input.matmul(this.weight.T) : mx.addmm(this.bias, input, this.weight.T);
  }

  protected override extraRepr(): string {
    const [own, input] = this.weight.shape as [number, number];
    return `input_dims=${input}, output_dims=${own * this.group.size()}, bias=${flagText(this.bias !== undefined)}`;
  }
}

const shardedToAllLinearArguments = signature('nn.ShardedToAllLinear', { ...linearKinds, ...groupKind });
const shardedToAllLinearOptions = optionsFor('nn.ShardedToAllLinear.fromLinear');

/** A linear layer of whose inputs each process has its part. */
export class ShardedToAllLinear extends Sharded {
  weight: Tensor;
  declare bias?: Tensor;

  constructor(inputDims: number, outputDims: number, bias?: boolean | ShardedOptions, group?: Group | null);
  constructor(...args: unknown[]) {
    const operation = 'nn.ShardedToAllLinear';
    const { inputDims, outputDims, bias, group } = shardedToAllLinearArguments(args);
    super(group);
    const own = shareOf(inputDims, this.group, 'inputDims', operation);
    const scale = Math.sqrt(1 / inputDims);
    this.weight = drawn(scale, outputDims, own);
    if (bias) this.bias = drawn(scale, outputDims);
  }

  static fromLinear(linear: Linear, options: ShardingOptions = {}): ShardedToAllLinear {
    const { segments, group } = shardedToAllLinearOptions(options);
    checkLinear(linear, 'nn.ShardedToAllLinear.fromLinear');
    const [output, input] = linear.weight.shape as [number, number];
    const layer = new ShardedToAllLinear(input, output, linear.bias !== undefined, group);
    return layer.update(shard(linear.parameters(), predicateOf('sharded-to-all', segments), group));
  }

  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.ShardedToAllLinear');
    const y = mx.distributed.allSum(x.matmul(this.weight.T), { group: this.group });
    return this.bias === undefined ? y : y.add(this.bias);
  }

  protected override extraRepr(): string {
    const [output, own] = this.weight.shape as [number, number];
    return `input_dims=${own * this.group.size()}, output_dims=${output}, bias=${flagText(this.bias !== undefined)}`;
  }
}

const quantizedKinds = {
  ...linearKinds,
  groupSize: or(size, 64),
  bits: or(size, 4),
  mode: or(choice('affine', 'mxfp4', 'nvfp4', 'mxfp8'), 'affine' as const),
  ...groupKind,
};

interface QuantizedShardedOptions extends QuantizationOptions {
  readonly bias?: boolean;
  readonly group?: Group | null;
}

abstract class QuantizedSharded extends Sharded {
  weight: Tensor;
  scales: Tensor;
  biases: Tensor | null;
  declare bias?: Tensor;
  readonly groupSize: number;
  readonly bits: number;
  readonly mode: QuantizationMode;

  constructor(
    group: Group | null,
    settings: { readonly groupSize: number; readonly bits: number; readonly mode: QuantizationMode },
    weight: (group: Group) => Tensor,
    bias: (group: Group) => number | null,
  ) {
    super(group);
    const packed = quantized(weight(this.group), settings);
    this.weight = packed.weight;
    this.scales = packed.scales;
    this.biases = packed.biases;
    this.groupSize = settings.groupSize;
    this.bits = settings.bits;
    this.mode = settings.mode;
    const length = bias(this.group);
    if (length !== null) this.bias = mx.zeros([length]);
    this.freeze();
  }

  protected override get fixedParameters(): readonly string[] {
    return ['weight', 'scales', 'biases', 'bias'];
  }

  protected settingsText(input: number, output: number): string {
    const bias = flagText(this.bias !== undefined);
    const settings = `group_size=${this.groupSize}, bits=${this.bits}, mode=${this.mode}`;
    return `input_dims=${input}, output_dims=${output}, bias=${bias}, ${settings}`;
  }

  protected get inputs(): number {
    return Math.floor(((this.weight.shape[1] as number) * 32) / this.bits);
  }
}

const quantizedAllToShardedLinearArguments = signature('nn.QuantizedAllToShardedLinear', quantizedKinds);
const quantizedAllToShardedLinearOptions = optionsFor('nn.QuantizedAllToShardedLinear.fromQuantizedLinear');

/** A quantized linear layer of whose outputs each process has its part. */
export class QuantizedAllToShardedLinear extends QuantizedSharded {
  constructor(inputDims: number, outputDims: number, options?: boolean | QuantizedShardedOptions);
  constructor(...args: unknown[]) {
    const operation = 'nn.QuantizedAllToShardedLinear';
    const { inputDims, outputDims, bias, group, ...settings } = quantizedAllToShardedLinearArguments(args);
    const own = (members: Group) => shareOf(outputDims, members, 'outputDims', operation);
    super(
      group,
      settings,
      (members) => drawn(Math.sqrt(1 / inputDims), own(members), inputDims),
      (members) => (bias ? own(members) : null),
    );
  }

  static fromQuantizedLinear(linear: QuantizedLinear, options: ShardingOptions = {}): QuantizedAllToShardedLinear {
    const { segments, group } = quantizedAllToShardedLinearOptions(options);
    checkQuantized(linear, 'nn.QuantizedAllToShardedLinear.fromQuantizedLinear');
    const [output, packed] = linear.weight.shape as [number, number];
    const { groupSize, bits, mode } = linear;
    const given = { bias: linear.bias !== undefined, groupSize, bits, mode, group };
    const layer = new QuantizedAllToShardedLinear(Math.floor((packed * 32) / bits), output, given);
    return layer.update(shard(linear.parameters(), predicateOf('all-to-sharded', segments), group));
  }

  override forward(x: Tensor): Tensor {
    const y = quantizedProduct(sumGradients(this.group)(x), this);
    return this.bias === undefined ? y : y.add(this.bias);
  }

  protected override extraRepr(): string {
    return this.settingsText(this.inputs, (this.weight.shape[0] as number) * this.group.size());
  }
}

const quantizedShardedToAllLinearArguments = signature('nn.QuantizedShardedToAllLinear', quantizedKinds);
const quantizedShardedToAllLinearOptions = optionsFor('nn.QuantizedShardedToAllLinear.fromQuantizedLinear');

/** A quantized linear layer of whose inputs each process has its part. */
export class QuantizedShardedToAllLinear extends QuantizedSharded {
  constructor(inputDims: number, outputDims: number, options?: boolean | QuantizedShardedOptions);
  constructor(...args: unknown[]) {
    const operation = 'nn.QuantizedShardedToAllLinear';
    const { inputDims, outputDims, bias, group, ...settings } = quantizedShardedToAllLinearArguments(args);
    super(
      group,
      settings,
      (members) => drawn(Math.sqrt(1 / inputDims), outputDims, shareOf(inputDims, members, 'inputDims', operation)),
      () => (bias ? outputDims : null),
    );
  }

  static fromQuantizedLinear(linear: QuantizedLinear, options: ShardingOptions = {}): QuantizedShardedToAllLinear {
    const { segments, group } = quantizedShardedToAllLinearOptions(options);
    checkQuantized(linear, 'nn.QuantizedShardedToAllLinear.fromQuantizedLinear');
    const [output, packed] = linear.weight.shape as [number, number];
    const { groupSize, bits, mode } = linear;
    const given = { bias: linear.bias !== undefined, groupSize, bits, mode, group };
    const layer = new QuantizedShardedToAllLinear(Math.floor((packed * 32) / bits), output, given);
    return layer.update(shard(linear.parameters(), predicateOf('sharded-to-all', segments), group));
  }

  override forward(x: Tensor): Tensor {
    const y = mx.distributed.allSum(quantizedProduct(x, this), { group: this.group });
    return this.bias === undefined ? y : y.add(this.bias);
  }

  protected override extraRepr(): string {
    return this.settingsText(this.inputs * this.group.size(), this.weight.shape[0] as number);
  }
}
