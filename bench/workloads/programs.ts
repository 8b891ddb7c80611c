// Whole programs as a user writes them. Each gives a number that Python must give too, to the last bit.
import { core as mx } from '../../mlx/index.ts';
import { chains } from './chains.ts';
import { modules } from './modules.ts';
import { training } from './training.ts';

mx.random.seed(7);
const RATE = 0.01;
const BATCH = 64;
const images = mx.random.normal([BATCH, 784]);
const labels = mx.astype(
  mx.equal(mx.expandDims(mx.arange(10), 0), mx.expandDims(mx.random.randint(0, 10, [BATCH]), 1)),
  mx.float32,
);
const initial = {
  w1: mx.multiply(mx.random.normal([784, 256]), 0.05),
  b1: mx.zeros([256]),
  w2: mx.multiply(mx.random.normal([256, 10]), 0.05),
  b2: mx.zeros([10]),
};
mx.eval(images, labels, initial);

function step({ w1, b1, w2, b2 }: typeof initial): { next: typeof initial; loss: mx.Array } {
  const hidden = mx.maximum(mx.add(mx.matmul(images, w1), b1), 0);
  const logits = mx.add(mx.matmul(hidden, w2), b2);
  const logProbabilities = mx.subtract(logits, mx.logsumexp(logits, 1, true));
  const loss = mx.negative(mx.mean(mx.sum(mx.multiply(labels, logProbabilities), 1)));
  const dLogits = mx.divide(mx.subtract(mx.exp(logProbabilities), labels), BATCH);
  const dHidden = mx.multiply(mx.matmul(dLogits, w2.T), mx.greater(hidden, 0));
  const next = {
    w1: mx.subtract(w1, mx.multiply(mx.matmul(images.T, dHidden), RATE)),
    b1: mx.subtract(b1, mx.multiply(mx.sum(dHidden, 0), RATE)),
    w2: mx.subtract(w2, mx.multiply(mx.matmul(hidden.T, dLogits), RATE)),
    b2: mx.subtract(b2, mx.multiply(mx.sum(dLogits, 0), RATE)),
  };
  return { next, loss };
}

function mlpStep(count: number): number {
  let parameters = initial;
  let last = 0;
  for (let i = 0; i < count; i++) {
    const { next, loss } = step(parameters);
    mx.eval(next, loss);
    parameters = next;
    last = loss.item() as number;
  }
  return last;
}

const cnot = mx.array(
  [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 1, 0],
  ],
  mx.complex64,
);

/** The rotation about the y axis, as a complex 2 × 2 matrix. */
function rotation(angle: number): mx.Array {
  const [cos, sin] = [Math.cos(angle / 2), Math.sin(angle / 2)];
  return mx.array(
    [
      [cos, -sin],
      [sin, cos],
    ],
    mx.complex64,
  );
}

function onQubit(state: mx.Array, gate: mx.Array, qubit: number, qubits: number): mx.Array {
  const split = mx.reshape(state, [2 ** qubit, 2, 2 ** (qubits - qubit - 1)]);
  return mx.reshape(mx.matmul(gate, split), [-1]);
}

function onPair(state: mx.Array, gate: mx.Array, qubit: number, qubits: number): mx.Array {
  const split = mx.reshape(state, [2 ** qubit, 4, 2 ** (qubits - qubit - 2)]);
  return mx.reshape(mx.matmul(gate, split), [-1]);
}

/** The probability that the first qubit is found as 1 after so many layers. */
function circuit(qubits: number, layers: number): number {
  let state = mx.astype(mx.equal(mx.arange(2 ** qubits), 0), mx.complex64);
  for (let layer = 0; layer < layers; layer++) {
    for (let qubit = 0; qubit < qubits; qubit++)
      state = onQubit(state, rotation(0.1 * (qubit + layer + 1)), qubit, qubits);
    for (let qubit = 0; qubit + 1 < qubits; qubit++) state = onPair(state, cnot, qubit, qubits);
    mx.eval(state);
  }
  const halves = mx.reshape(mx.square(mx.abs(state)), [2, -1]);
  return mx.sum(halves.index(1)).item() as number;
}

function circuits(qubits: number, layers: number, count: number): number {
  let probability = 0;
  for (let i = 0; i < count; i++) probability = circuit(qubits, layers);
  return probability;
}

export const workloads = {
  'mlp-step': mlpStep,
  ...training,
  ...modules,
  ...chains,
  'circuit-12': (count: number) => circuits(12, 4, count),
  'circuit-20': (count: number) => circuits(20, 1, count),
};
