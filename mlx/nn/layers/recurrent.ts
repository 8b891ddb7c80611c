import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray, checkDims } from '../../arguments/checks.ts';
import { flag, func, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { tanh } from '../activations.ts';
import { Module } from '../module.ts';
import { flagText } from '../repr.ts';
import { drawn } from './drawn.ts';

type Nonlinearity = (x: Tensor) => Tensor;

const kinds = { inputSize: size, hiddenSize: size, bias: or(flag, true) };
const rnnArguments = signature('nn.RNN', { ...kinds, nonlinearity: or(func<Nonlinearity>(), null) });
const gruArguments = signature('nn.GRU', kinds);
const lstmArguments = signature('nn.LSTM', kinds);

/** @throws ArgumentError for an input without times, or states that are no arrays. */
function checkInputs(x: unknown, states: Readonly<Record<string, unknown>>, operation: string): void {
  checkArray(x, 'x', operation);
  checkDims(x, 2, operation);
  for (const [name, state] of Object.entries(states)) if (state !== null) checkArray(state, name, operation);
}

function lengthOf(x: Tensor): number {
  return x.shape.at(-2) as number;
}

/** The place of one time in `[…, L, D]`. */
function at(x: Tensor, time: number): Tensor {
  return x.index('...', time, new mx.Slice());
}

function projected(x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  return bias === null ? x.matmul(weight.T) : mx.addmm(bias, x, weight.T);
}

interface RNNOptions {
  bias?: boolean;
  /** Default: `nn.tanh`. */
  nonlinearity?: Nonlinearity | null;
}

/**
 * A plain recurrent layer: `h = nonlinearity(Wxh · x + Whh · h + bias)`.
 *
 * - `Wxh`: `[hiddenSize, inputSize]`, `Whh`: `[hiddenSize, hiddenSize]`
 * - `bias`: `[hiddenSize]`, null if `bias` is false
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.RNN.html
 */
export class RNN extends Module {
  Wxh: Tensor;
  Whh: Tensor;
  bias: Tensor | null;
  readonly hiddenSize: number;
  readonly nonlinearity: Nonlinearity;

  constructor(inputSize: number, hiddenSize: number, bias?: boolean | RNNOptions, nonlinearity?: Nonlinearity | null);
  constructor(options: { inputSize: number; hiddenSize: number } & RNNOptions);
  constructor(...args: unknown[]) {
    super();
    const { inputSize, hiddenSize, bias, nonlinearity } = rnnArguments(args);
    this.nonlinearity = nonlinearity ?? tanh;
    const scale = 1 / Math.sqrt(hiddenSize);
    this.hiddenSize = hiddenSize;
    this.Wxh = drawn(scale, hiddenSize, inputSize);
    this.Whh = drawn(scale, hiddenSize, hiddenSize);
    this.bias = bias ? drawn(scale, hiddenSize) : null;
  }

  /** `[…, L, inputSize]` and the state before, `[…, hiddenSize]` → all states, `[…, L, hiddenSize]` */
  override forward(x: Tensor, hidden: Tensor | null = null): Tensor {
    checkInputs(x, { hidden }, 'nn.RNN');
    const inputs = projected(x, this.Wxh, this.bias);
    const states: Tensor[] = [];
    let state = hidden;
    for (let time = 0; time < lengthOf(inputs); time++) {
      const input = at(inputs, time);
      state = this.nonlinearity(state === null ? input : mx.addmm(input, state, this.Whh.T));
      states.push(state);
    }
    return mx.stack(states, -2);
  }

  protected override extraRepr(): string {
    const bias = flagText(this.bias !== null);
    const nonlinearity = this.nonlinearity.name;
    return `input_dims=${this.Wxh.shape[1]}, hidden_size=${this.hiddenSize}, nonlinearity=${nonlinearity}, bias=${bias}`;
  }
}

/**
 * A layer of gated recurrent units.
 *
 * - `Wx`: `[3 · hiddenSize, inputSize]`, `Wh`: `[3 · hiddenSize, hiddenSize]`: reset, update and new
 * - `b`: `[3 · hiddenSize]`, `bhn`: `[hiddenSize]`, null if `bias` is false
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.GRU.html
 */
export class GRU extends Module {
  Wx: Tensor;
  Wh: Tensor;
  b: Tensor | null;
  bhn: Tensor | null;
  readonly hiddenSize: number;

  constructor(inputSize: number, hiddenSize: number, bias?: boolean | { bias?: boolean });
  constructor(options: { inputSize: number; hiddenSize: number; bias?: boolean });
  constructor(...args: unknown[]) {
    super();
    const { inputSize, hiddenSize, bias } = gruArguments(args);
    this.hiddenSize = hiddenSize;
    const scale = 1 / Math.sqrt(hiddenSize);
    this.Wx = drawn(scale, 3 * hiddenSize, inputSize);
    this.Wh = drawn(scale, 3 * hiddenSize, hiddenSize);
    this.b = bias ? drawn(scale, 3 * hiddenSize) : null;
    this.bhn = bias ? drawn(scale, hiddenSize) : null;
  }

  /** `[…, L, inputSize]` and the state before, `[…, hiddenSize]` → all states, `[…, L, hiddenSize]` */
  override forward(x: Tensor, hidden: Tensor | null = null): Tensor {
    checkInputs(x, { hidden }, 'nn.GRU');
    const inputs = projected(x, this.Wx, this.b);
    const gates = new mx.Slice(null, -this.hiddenSize);
    const rest = new mx.Slice(-this.hiddenSize, null);
    const [gateInputs, newInputs] = [inputs.index('...', gates), inputs.index('...', rest)];
    const states: Tensor[] = [];
    let state = hidden;
    for (let time = 0; time < lengthOf(inputs); time++) {
      let gate = at(gateInputs, time);
      let recurrent: Tensor | null = this.bhn;
      if (state !== null) {
        const all = state.matmul(this.Wh.T);
        const own = all.index('...', rest);
        recurrent = this.bhn === null ? own : own.add(this.bhn);
        gate = gate.add(all.index('...', gates));
      }
      const [reset, update] = mx.split(mx.sigmoid(gate), 2, -1) as [Tensor, Tensor];
      const input = at(newInputs, time);
      const fresh = mx.tanh(recurrent === null ? input : input.add(reset.multiply(recurrent)));
      const taken = mx.subtract(1, update).multiply(fresh);
      state = state === null ? taken : taken.add(update.multiply(state));
      states.push(state);
    }
    return mx.stack(states, -2);
  }

  protected override extraRepr(): string {
    const bias = flagText(this.b !== null);
    return `input_dims=${this.Wx.shape[1]}, hidden_size=${this.hiddenSize}, bias=${bias}`;
  }
}

/**
 * A layer of long short-term memory.
 *
 * - `Wx`: `[4 · hiddenSize, inputSize]`, `Wh`: `[4 · hiddenSize, hiddenSize]`: input, forget, cell and output
 * - `bias`: `[4 · hiddenSize]`, null if `bias` is false
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.LSTM.html
 */
export class LSTM extends Module {
  Wx: Tensor;
  Wh: Tensor;
  bias: Tensor | null;
  readonly hiddenSize: number;

  constructor(inputSize: number, hiddenSize: number, bias?: boolean | { bias?: boolean });
  constructor(options: { inputSize: number; hiddenSize: number; bias?: boolean });
  constructor(...args: unknown[]) {
    super();
    const { inputSize, hiddenSize, bias } = lstmArguments(args);
    this.hiddenSize = hiddenSize;
    const scale = 1 / Math.sqrt(hiddenSize);
    this.Wx = drawn(scale, 4 * hiddenSize, inputSize);
    this.Wh = drawn(scale, 4 * hiddenSize, hiddenSize);
    this.bias = bias ? drawn(scale, 4 * hiddenSize) : null;
  }

  /** `[…, L, inputSize]`, state and cell before, `[…, hiddenSize]` → all states and all cells, `[…, L, hiddenSize]` */
  override forward(x: Tensor, hidden: Tensor | null = null, cell: Tensor | null = null): [Tensor, Tensor] {
    checkInputs(x, { hidden, cell }, 'nn.LSTM');
    const inputs = projected(x, this.Wx, this.bias);
    const states: Tensor[] = [];
    const cells: Tensor[] = [];
    let [state, memory] = [hidden, cell];
    for (let time = 0; time < lengthOf(inputs); time++) {
      const input = at(inputs, time);
      const all = state === null ? input : mx.addmm(input, state, this.Wh.T);
      const [i, f, g, o] = mx.split(all, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
      const written = [mx.sigmoid(i), mx.sigmoid(f), mx.tanh(g), mx.sigmoid(o)] as const;
      const [inGate, forget, fresh, outGate] = written;
      const added = inGate.multiply(fresh);
      memory = memory === null ? added : forget.multiply(memory).add(added);
      state = outGate.multiply(mx.tanh(memory));
      cells.push(memory);
      states.push(state);
    }
    return [mx.stack(states, -2), mx.stack(cells, -2)];
  }

  protected override extraRepr(): string {
    const bias = flagText(this.bias !== null);
    return `input_dims=${this.Wx.shape[1]}, hidden_size=${this.hiddenSize}, bias=${bias}`;
  }
}
