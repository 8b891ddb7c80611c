import { core as mx } from '../../mlx/index.ts';
import type { Report } from './report.ts';

/** Simulates quantum circuits: gates on a state, the gradient of an energy, a density matrix, Trotter steps. */
const QUBITS = 4;
const qubits = [...Array(QUBITS).keys()];

const complexes = (values: number[][]) => mx.array(values, mx.complex64);
const imaginary = (im: number) => mx.Complex(0, im);

export function main(report: Report): void {
  const x = complexes([
    [0, 1],
    [1, 0],
  ]);
  const z = complexes([
    [1, 0],
    [0, -1],
  ]);
  const one = mx.eye(2).astype(mx.complex64);
  const cnot = complexes([
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 1, 0],
  ]).reshape(2, 2, 2, 2);

  const rotation = (pauli: mx.Array, angle: mx.Array) =>
    mx
      .cos(angle.divide(2))
      .multiply(one)
      .subtract(mx.multiply(imaginary(1), mx.sin(angle.divide(2))).multiply(pauli));
  const onOne = (state: mx.Array, gate: mx.Array, qubit: number) =>
    mx.moveaxis(mx.tensordot(gate, state, { axes: [[1], [qubit]] }), 0, qubit);
  const onTwo = (state: mx.Array, gate: mx.Array, a: number, b: number) => {
    const places = [a, b, ...qubits.filter((qubit) => qubit !== a && qubit !== b)];
    const order = qubits.map((qubit) => places.indexOf(qubit));
    return mx
      .tensordot(gate, state, [
        [2, 3],
        [a, b],
      ])
      .transpose(...order);
  };

  const circuit = (angles: mx.Array) => {
    const zero = mx.zeros([2 ** QUBITS], { dtype: mx.complex64 });
    zero.indexPut_(0, 1);
    let state = zero.reshape(qubits.map(() => 2));
    for (let layer = 0; layer < angles.length; layer++) {
      for (const qubit of qubits) {
        state = onOne(state, rotation(x, angles.index(layer, qubit, 0)), qubit);
        state = onOne(state, rotation(z, angles.index(layer, qubit, 1)), qubit);
      }
      for (const qubit of qubits.slice(0, -1)) state = onTwo(state, cnot, qubit, qubit + 1);
    }
    return state;
  };

  const energy = (angles: mx.Array) => {
    const state = circuit(angles);
    const bonds = qubits.slice(0, -1).map((qubit) => onOne(onOne(state, z, qubit), z, qubit + 1));
    const fields = qubits.map((qubit) => mx.multiply(0.7, onOne(state, x, qubit)));
    const expectation = (term: mx.Array) => mx.real(mx.sum(state.conj().multiply(term)));
    return [...bonds, ...fields].reduce((sum, term) => sum.add(expectation(term)), mx.array(0)).negative();
  };

  let angles = mx.random.uniform(0, 2 * mx.pi, [2, QUBITS, 2], { key: mx.random.key(11) });
  const descend = mx.valueAndGrad(energy);
  for (let i = 0; i < 3; i++) {
    const [value, gradient] = descend(angles);
    angles = angles.subtract(mx.multiply(0.1, gradient));
    report('energy', value, gradient);
  }

  const state = circuit(angles);
  const density = mx.einsum('abcd,aBcd->bB', state, state.conj());
  const values = mx.linalg.eigvalsh(density, { stream: mx.cpu });
  const entropy = mx.sum(values.multiply(mx.log(values))).negative();
  report('density', density, mx.trace(density.matmul(density)), entropy);
  const logits = mx.log(mx.square(mx.abs(state)).flatten());
  const shots = mx.random.categorical(logits, { numSamples: 100, key: mx.random.key(4) });
  report(
    'shots',
    mx
      .zeros([2 ** QUBITS], mx.int32)
      .at(shots)
      .add(1),
  );

  const bonds = mx.kron(z, z);
  const fields = mx.multiply(0.5, mx.kron(x, one).add(mx.kron(one, x)));
  const evolution = (operator: mx.Array, time: number) => {
    const [values, vectors] = mx.linalg.eigh(operator, { stream: mx.cpu });
    const phases = mx.exp(mx.multiply(imaginary(-time), values.astype(mx.complex64)));
    return vectors.multiply(phases).matmul(vectors.conj().T);
  };
  const exact = evolution(bonds.add(fields), 1);
  for (const count of [1, 4]) {
    const half = evolution(bonds, 1 / count / 2);
    const step = half.matmul(evolution(fields, 1 / count)).matmul(half);
    let steps = mx.eye(4).astype(mx.complex64);
    for (let i = 0; i < count; i++) steps = steps.matmul(step);
    report('error', mx.max(mx.abs(steps.subtract(exact))));
  }
}
