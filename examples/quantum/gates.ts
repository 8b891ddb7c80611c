import { core as mx } from '../../mlx/index.ts';
import { type Angle, angleOf, controlled, type Operation, operation } from './operation.ts';

const i = mx.Complex(0, 1);
const minusI = mx.Complex(0, -1);
const R = Math.SQRT1_2;

const complex = (rows: (number | mx.Complex)[][]) => mx.array(rows, mx.complex64);
const IDENTITY = complex([
  [1, 0],
  [0, 1],
]);
const X = complex([
  [0, 1],
  [1, 0],
]);
const Y = complex([
  [0, minusI],
  [i, 0],
]);
const Z = complex([
  [1, 0],
  [0, -1],
]);
/** |0⟩⟨0| and |1⟩⟨1|. */
const [ZERO, ONE] = [IDENTITY.add(Z).divide(2), IDENTITY.subtract(Z).divide(2)];
const HADAMARD = X.add(Z).multiply(R);
const S = complex([
  [1, 0],
  [0, i],
]);
const T = complex([
  [1, 0],
  [0, mx.Complex(R, R)],
]);
const SWAP = complex([
  [1, 0, 0, 0],
  [0, 0, 1, 0],
  [0, 1, 0, 0],
  [0, 0, 0, 1],
]);

export const h = (qubit: number): Operation => operation('H', HADAMARD, [qubit]);
export const x = (qubit: number): Operation => operation('X', X, [qubit]);
export const y = (qubit: number): Operation => operation('Y', Y, [qubit]);
export const z = (qubit: number): Operation => operation('Z', Z, [qubit]);
export const s = (qubit: number): Operation => operation('S', S, [qubit]);
export const t = (qubit: number): Operation => operation('T', T, [qubit]);
export const swap = (a: number, b: number): Operation => operation('SWAP', SWAP, [a, b]);

/** exp(−i·angle/2·pauli) = cos(angle/2) − i·sin(angle/2)·pauli. */
function rotation(name: string, pauli: mx.Array, angle: Angle): mx.Array {
  const half = angleOf(name, angle).divide(2);
  return mx
    .cos(half)
    .multiply(IDENTITY)
    .subtract(mx.sin(half).multiply(mx.multiply(i, pauli)));
}

/** |0⟩⟨0| + e^(i·angle)·|1⟩⟨1|. */
function phaseMatrix(name: string, angle: Angle): mx.Array {
  return mx
    .exp(mx.multiply(i, angleOf(name, angle)))
    .multiply(ONE)
    .add(ZERO);
}

export const rx = (angle: Angle, qubit: number): Operation =>
  operation('RX', rotation('RX', X, angle), [qubit], [angle]);
export const ry = (angle: Angle, qubit: number): Operation =>
  operation('RY', rotation('RY', Y, angle), [qubit], [angle]);
export const rz = (angle: Angle, qubit: number): Operation =>
  operation('RZ', rotation('RZ', Z, angle), [qubit], [angle]);
/** A phase for 1 alone, where RZ has half of it for each. */
export const p = (angle: Angle, qubit: number): Operation => operation('P', phaseMatrix('P', angle), [qubit], [angle]);

/** Any matrix of one qubit, up to a phase: P(phi)·RY(theta)·P(lambda). */
export function u(theta: Angle, phi: Angle, lambda: Angle, qubit: number): Operation {
  const matrix = phaseMatrix('U', phi)
    .matmul(rotation('U', Y, theta))
    .matmul(phaseMatrix('U', lambda));
  return operation('U', matrix, [qubit], [theta, phi, lambda]);
}

export const cnot = (control: number, target: number): Operation => controlled(x(target), control);
export const cz = (control: number, target: number): Operation => controlled(z(target), control);
export const toffoli = (a: number, b: number, target: number): Operation => controlled(x(target), a, b);
