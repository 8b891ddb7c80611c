import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { dequantizedWeight, switchOf } from '../convert/quantize.ts';
import { QuantizedSwitchLinear, SwitchLinear } from '../models/switch-layers.ts';
import { drawnWithin, type FuseLayerOptions, type LoraSettings, skipDraws } from './lora.ts';

const fullWeight = (layer: SwitchLinear | QuantizedSwitchLinear): mx.Array =>
  layer instanceof QuantizedSwitchLinear ? dequantizedWeight(layer) : layer.weight;

/**
 * A low-rank layer for each expert.
 *
 * - `lora_a`: `[experts, rank, inputDims]`, drawn evenly within `√(1 / inputDims)`
 * - `lora_b`: `[experts, outputDims, rank]`, zeros
 */
export class LoRASwitchLinear extends nn.Module {
  linear: SwitchLinear | QuantizedSwitchLinear;
  dropout: nn.Dropout;
  readonly scale: number;
  lora_a: mx.Array;
  lora_b: mx.Array;

  constructor(linear: SwitchLinear | QuantizedSwitchLinear, { rank, scale, dropout }: LoraSettings) {
    super();
    const [experts, output, packed] = linear.weight.shape as [number, number, number];
    const input = linear instanceof QuantizedSwitchLinear ? Math.floor((packed * 32) / linear.bits) : packed;
    skipDraws(() => new SwitchLinear(input, output, experts));
    this.linear = linear;
    this.dropout = new nn.Dropout(dropout);
    this.scale = scale;
    this.lora_a = drawnWithin(input, [experts, rank, input]);
    this.lora_b = mx.zeros([experts, output, rank]);
  }

  /** @param experts which expert computes each row of `x` */
  override forward(x: mx.Array, experts: mx.Array, sortedIndices: boolean): mx.Array {
    const y = this.linear.forward(x, experts, sortedIndices);
    const product = (a: mx.Array, b: mx.Array): mx.Array =>
      mx.gatherMm(a, b.swapaxes(-1, -2), null, experts, { sortedIndices });
    const z = product(product(this.dropout.forward(x), this.lora_a), this.lora_b);
    return y.add(z.multiply(this.scale).astype(x.dtype));
  }

  fuse({ dequantize = false }: FuseLayerOptions = {}): SwitchLinear | QuantizedSwitchLinear {
    const { linear } = this;
    const weight = fullWeight(linear);
    const delta = this.lora_b.multiply(this.scale).matmul(this.lora_a);
    const fused = weight.add(delta.astype(weight.dtype));
    if (!(linear instanceof QuantizedSwitchLinear) || dequantize) return switchOf(fused);
    const { groupSize, bits, mode } = linear;
    return new QuantizedSwitchLinear(fused, { groupSize, bits, mode });
  }
}
