import type { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { swiglu } from './activations.ts';

export interface GatedMLPSettings {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly bias?: boolean;
  /** What the gate does to the rest. Default: `swiglu`. */
  readonly activation?: (gate: mx.Array, x: mx.Array) => mx.Array;
}

/** `down(activation(gate(x), up(x)))`: https://arxiv.org/abs/2002.05202 */
export class GatedMLP extends nn.Module {
  readonly activation: (gate: mx.Array, x: mx.Array) => mx.Array;
  gate_proj: nn.Linear;
  down_proj: nn.Linear;
  up_proj: nn.Linear;

  constructor({ hiddenSize, intermediateSize, bias = false, activation = swiglu }: GatedMLPSettings) {
    super();
    this.activation = activation;
    this.gate_proj = new nn.Linear(hiddenSize, intermediateSize, { bias });
    this.down_proj = new nn.Linear(intermediateSize, hiddenSize, { bias });
    this.up_proj = new nn.Linear(hiddenSize, intermediateSize, { bias });
  }

  override forward(x: mx.Array): mx.Array {
    return this.down_proj.forward(this.activation(this.gate_proj.forward(x), this.up_proj.forward(x)));
  }
}
