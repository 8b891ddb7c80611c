import { FileError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { drawn } from '../../mlx/nn/layers/drawn.ts';
import { quantized } from '../../mlx/nn/layers/quantized.ts';
import { swiglu } from './activations.ts';
import type { NamedWeights } from './model.ts';

/** From how many choices of experts on they are sorted, so that each expert's weights are read once. */
const SORTED_FROM = 64;

/** A linear layer of each expert: `weight` is `[experts, outputDims, inputDims]`. */
export class SwitchLinear extends nn.Module {
  weight: mx.Array;

  constructor(inputDims: number, outputDims: number, experts: number) {
    super();
    const scale = Math.sqrt(1 / inputDims);
    this.weight = drawn(scale, experts, outputDims, inputDims);
  }

  /** @param experts which expert computes each row of `x` */
  override forward(x: mx.Array, experts: mx.Array, sortedIndices: boolean): mx.Array {
    return mx.gatherMm(x, this.weight.swapaxes(-1, -2), null, experts, { sortedIndices });
  }

  toQuantized(options: nn.QuantizeOptions = {}): QuantizedSwitchLinear {
    return new QuantizedSwitchLinear(this.weight, options);
  }
}

export class QuantizedSwitchLinear extends nn.Module {
  weight: mx.Array;
  scales: mx.Array;
  declare biases?: mx.Array;
  readonly groupSize: number;
  readonly bits: number;
  readonly mode: nn.QuantizationMode;

  constructor(weight: mx.Array, { groupSize, bits, mode = 'affine' }: nn.QuantizeOptions) {
    super();
    this.groupSize = groupSize ?? 64;
    this.bits = bits ?? 4;
    this.mode = mode;
    const { weight: packed, scales, biases } = quantized(weight, this);
    this.weight = packed;
    this.scales = scales;
    if (biases !== null) this.biases = biases;
    this.freeze({ recurse: false });
  }

  override forward(x: mx.Array, experts: mx.Array, sortedIndices: boolean): mx.Array {
    const { weight, scales, biases = null, groupSize, bits, mode } = this;
    const how = { rhsIndices: experts, transpose: true, groupSize, bits, mode, sortedIndices };
    return mx.gatherQmm(x, weight, scales, biases, how);
  }
}

/** The gated MLP of each expert. */
export class SwitchGLU extends nn.Module {
  gate_proj: SwitchLinear;
  up_proj: SwitchLinear;
  down_proj: SwitchLinear;

  constructor(hiddenSize: number, intermediateSize: number, experts: number) {
    super();
    this.gate_proj = new SwitchLinear(hiddenSize, intermediateSize, experts);
    this.up_proj = new SwitchLinear(hiddenSize, intermediateSize, experts);
    this.down_proj = new SwitchLinear(intermediateSize, hiddenSize, experts);
  }

  /**
   * `[B, L, hiddenSize]` → `[B, L, k, hiddenSize]`
   * @param experts `[B, L, k]`: which experts compute each position
   */
  override forward(x: mx.Array, experts: mx.Array): mx.Array {
    const rows = mx.expandDims(x, [-2, -3]);
    const chosen = mx.stopGradient(experts);
    if (chosen.size < SORTED_FROM) return this.#compute(rows, chosen, false).squeeze(-2);
    const flat = chosen.flatten();
    const order = mx.argsort(flat);
    const perPosition = chosen.shape.at(-1) as number;
    const sorted = rows.flatten(0, -3).index(order.floorDivide(perPosition));
    const output = this.#compute(sorted, flat.index(order), true).index(mx.argsort(order));
    return mx.unflatten(output, 0, chosen.shape).squeeze(-2);
  }

  #compute(x: mx.Array, experts: mx.Array, isSorted: boolean): mx.Array {
    const up = this.up_proj.forward(x, experts, isSorted);
    const gate = this.gate_proj.forward(x, experts, isSorted);
    return this.down_proj.forward(swiglu(gate, up), experts, isSorted);
  }
}

/**
 * Weights with those of the experts in one array each, as `SwitchGLU` has them.
 * @throws FileError if an expert before the last is missing
 * @param names what each of its layers is named in an expert of the file
 * @param inside the module with the experts, in a layer
 */
export function stackExperts(
  weights: NamedWeights,
  inside: string,
  names: Readonly<Record<'gate_proj' | 'up_proj' | 'down_proj', string>>,
): NamedWeights {
  const stacked: NamedWeights = {};
  const experts = new Map<string, mx.Array[]>();
  const ours = new Map(Object.entries(names).map(([own, theirs]) => [theirs, own]));
  const pattern = new RegExp(`^(model\\.layers\\.\\d+\\.${inside})\\.experts\\.(\\d{1,5})\\.(\\w+)\\.(\\w+)$`);
  for (const [name, weight] of Object.entries(weights)) {
    const [, layer, expert, theirs = '', field] = pattern.exec(name) ?? [];
    const own = ours.get(theirs);
    if (own === undefined) {
      stacked[name] = weight;
      continue;
    }
    const target = `${layer}.switch_mlp.${own}.${field}`;
    const list = experts.get(target) ?? [];
    list[Number(expert)] = weight;
    experts.set(target, list);
  }
  for (const [name, list] of experts) {
    const missing = list.findIndex((weight) => !weight);
    if (missing >= 0) throw new FileError(`the weights lack those of expert ${missing} for "${name}"`);
    stacked[name] = mx.stack(list);
  }
  return stacked;
}
