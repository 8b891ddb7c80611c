// Steps of training adapters, as mlx_lm trains them.
import type { CausalModel } from '../../lm/models/model.ts';
import { prepareFineTuning } from '../../lm/training/index.ts';
import { defaultLoss } from '../../lm/training/loss.ts';
import { compiledStep, type Step } from '../../lm/training/step.ts';
import { core as mx } from '../../mlx/index.ts';
import { Adam } from '../../mlx/optimizers/index.ts';
import { treeFlatten, treeMap, treeUnflatten } from '../../mlx/utils/index.ts';
import { startTiming, type Timing } from '../timing.ts';

const BLOCKS = 4;
/** Rows and tokens of a batch: fewer with quantized weights, which MLX computes slowly on a CPU. */
const SHAPES = { full: [2, 129], quantized: [1, 33] } as const;

export type Form = keyof typeof SHAPES;

interface Trainer {
  readonly step: Step;
  readonly tokens: mx.Array;
  readonly lengths: mx.Array;
  readonly state: () => unknown[];
  readonly reset: () => void;
}

const trainers = new Map<Form, Promise<Trainer>>();

async function start(load: () => Promise<CausalModel>, form: Form): Promise<Trainer> {
  const [batch, length] = SHAPES[form];
  const model = await load();
  mx.random.seed(19);
  const numLayers = Math.min(BLOCKS, model.layers.length);
  prepareFineTuning(model, { fineTuneType: 'lora', numLayers, loraParameters: { rank: 8, scale: 20 } });
  model.train();
  const optimizer = new Adam(1e-4);
  optimizer.init(model.trainableParameters());
  // Low tokens, which every vocabulary has.
  const tokens = mx
    .arange(batch * length)
    .multiply(37)
    .remainder(256)
    .astype(mx.int32)
    .reshape(batch, length);
  const lengths = mx.array(
    Array.from({ length: batch }, () => [0, length]),
    mx.int32,
  );
  const weights = treeFlatten<mx.Array>(model.trainableParameters());
  const initial = treeUnflatten<object>(treeFlatten(optimizer.state));
  const state = () => [model.trainableParameters(), optimizer.state];
  mx.eval(tokens, lengths, state());
  return {
    step: compiledStep(model, optimizer, defaultLoss, 1),
    tokens,
    lengths,
    state,
    reset: () => {
      model.loadWeights(weights, { strict: false });
      Object.assign(
        optimizer.state,
        treeMap((array) => array, initial),
      );
    },
  };
}

/** The loss of the last of so many steps, to four places, always from the same start. */
export async function loraStep(load: () => Promise<CausalModel>, form: Form, count: number): Promise<Timing> {
  const found = trainers.get(form) ?? start(load, form);
  trainers.set(form, found);
  const { step, tokens, lengths, state, reset } = await found;
  reset();
  const stop = startTiming();
  let last = 0;
  for (let i = 0; i < count; i++) {
    const [loss] = step(tokens, lengths, null, true);
    await mx.asyncEval(loss, state());
    last = Number(loss.item());
    mx.clearCache({ toSystem: false });
  }
  // Compiled functions of plain Python have seven digits of their constants, so the last bits differ.
  return stop(Math.round(last * 1e4) / 1e4);
}
