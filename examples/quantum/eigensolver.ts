import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import { type Circuit, circuit } from './circuit.ts';
import { cnot, h, rx, rz } from './gates.ts';
import { applied, expectation, isingChain } from './observable.ts';
import type { Operation } from './operation.ts';
import { run } from './state.ts';

const FIELD = 1;
const LEARNING_RATE = 0.1;

/** A circuit whose angles are to be learned: layers of couplings between neighbours, and turns of each spin. */
export class Ansatz extends nn.Module {
  /** Of shape [layers, 2, qubits]: the couplings, and the turns. At first they go from the field to the chain. */
  angles: mx.Array;

  constructor(layers: number, qubits: number) {
    super();
    const ramp = mx.linspace(0, 1, layers).reshape(-1, 1);
    const start = mx.stack([ramp, mx.subtract(1, ramp)], 1).multiply(-0.5);
    this.angles = mx.contiguous(mx.broadcastTo(start, [layers, 2, qubits]));
  }

  circuit(): Circuit {
    const [layers, , qubits] = this.angles.shape as [number, number, number];
    const spins = Array.from({ length: qubits }, (_, qubit) => qubit);
    const operations = spins.map(h);
    for (let layer = 0; layer < layers; layer++) {
      const angle = (kind: number, qubit: number) => this.angles.index(layer, kind, qubit);
      operations.push(...spins.slice(1).flatMap((qubit) => coupling(angle(0, qubit), qubit - 1, qubit)));
      operations.push(...spins.map((qubit) => rx(angle(1, qubit), qubit)));
    }
    return circuit(qubits, operations);
  }

  /** The state that the circuit makes. */
  override forward(): mx.Array {
    return run(this.circuit());
  }
}

/** exp(−i·angle/2·ZZ). */
function coupling(angle: mx.Array, a: number, b: number): Operation[] {
  return [cnot(a, b), rz(angle, b), cnot(a, b)];
}

export interface GroundState {
  readonly qubits: number;
  readonly ansatz: Ansatz;
  /** Before each step. */
  readonly energies: readonly number[];
  /** The lowest eigenvalue of the whole matrix. */
  readonly exact: number;
}

/** Looks for the state of least energy of a chain of spins, by the gradient of the energy with respect to the angles. */
export function findGroundState(
  qubits: number,
  steps: number,
  onStep: (done: number, energy: number) => void,
): GroundState {
  const chain = isingChain(qubits, FIELD);
  const ansatz = new Ansatz(qubits, qubits);
  const optimizer = new optimizers.Adam(optimizers.cosineDecay(LEARNING_RATE, steps));
  optimizer.init(ansatz);
  const state = [ansatz.state, optimizer.state];
  const energyAndGradients = nn.valueAndGrad(ansatz, () => expectation(chain, ansatz.forward()));
  const step = mx.compile(
    () => {
      const [energy, gradients] = energyAndGradients();
      optimizer.update(ansatz, gradients);
      return energy;
    },
    { inputs: state, outputs: state },
  );
  const energies: number[] = [];
  while (energies.length < steps) {
    const energy = step();
    mx.eval(energy, state);
    energies.push(Number(energy.item()));
    onStep(energies.length, energies.at(-1) as number);
  }
  const matrix = applied(chain, mx.eye(2 ** qubits, { dtype: mx.complex64 }));
  const exact = Number(mx.min(mx.linalg.eigvalsh(matrix, { stream: mx.cpu })).item());
  return { qubits, ansatz, energies, exact };
}
