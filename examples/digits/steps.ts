import { MlxRouterError, core as mx } from '../../mlx/index.ts';
import { combine, initialize, lossAndGradients, lossOf, type Parameters } from './network.ts';

const LEARNING_RATE = 0.05;
const MOMENTUM = 0.9;
/** Draws every weight to zero, so that those of pixels without ink fade. */
const DECAY = 0.002;

interface State {
  readonly parameters: Parameters;
  readonly velocity: Parameters;
}

/** One step of training: the next state, and the loss before it. */
export type Step = (state: State, inputs: mx.Array, labels: mx.Array) => State & { readonly loss: mx.Array };

/** Gradient descent with momentum and weight decay. */
function descend({ parameters, velocity }: State, gradients: Parameters): State {
  const moved = combine((name) => {
    const slope = gradients[name].add(parameters[name].multiply(DECAY));
    return velocity[name].multiply(MOMENTUM).subtract(slope.multiply(LEARNING_RATE));
  });
  return { parameters: combine((name) => parameters[name].add(moved[name])), velocity: moved };
}

/** With the gradients worked out by hand: what every backend can do. */
export const stepByHand: Step = (state, inputs, labels) => {
  const { loss, gradients } = lossAndGradients(state.parameters, inputs, labels);
  return { loss, ...descend(state, gradients) };
};

const differentiated = mx.valueAndGrad(lossOf);

/** With the gradients that MLX works out. */
export const stepByGrad: Step = (state, inputs, labels) => {
  const [loss, gradients] = differentiated(state.parameters, inputs, labels);
  return { loss, ...descend(state, gradients) };
};

export interface ChosenStep {
  readonly step: Step;
  /** What it is and, where it was measured, what compiling gained. */
  readonly text: string;
}

/** The compiled step, with what it gains; the one by hand where there are no transforms, and why. */
export function chooseStep(inputs: mx.Array, labels: mx.Array): ChosenStep {
  const compiled = mx.compile(stepByGrad);
  const weights = initialize(inputs.shape[1] ?? 0, 128);
  const state = { parameters: weights, velocity: combine((name) => mx.zerosLike(weights[name])) };
  try {
    const [hand, eager, fused] = [stepByHand, stepByGrad, compiled].map((step) =>
      microseconds(step, state, inputs, labels),
    );
    const gain = (Number(eager) / Number(fused)).toFixed(2);
    return {
      step: compiled,
      text: `valueAndGrad, compiled: ${fused} µs a step, ${gain} times as fast as without compile (${eager} µs; by hand ${hand} µs)`,
    };
  } catch (error) {
    if (!(error instanceof MlxRouterError)) throw error;
    return { step: stepByHand, text: `by hand, for ${error.message}` };
  }
}

function microseconds(step: Step, state: State, inputs: mx.Array, labels: mx.Array): string {
  const run = () => mx.tidy(() => mx.eval(step(state, inputs, labels)));
  for (let i = 0; i < 5; i++) run();
  const times = Array.from({ length: 20 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return (1000 * (times.sort((a, b) => a - b)[10] as number)).toFixed(0);
}
