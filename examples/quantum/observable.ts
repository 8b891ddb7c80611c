import { core as mx } from '../../mlx/index.ts';
import { circuit } from './circuit.ts';
import { x, z } from './gates.ts';
import type { Operation } from './operation.ts';
import { run } from './state.ts';

/** A sum of products of Pauli operations: `[{ factor: -1, paulis: [z(0), z(1)] }]`. */
export type Observable = readonly { readonly factor: number; readonly paulis: readonly Operation[] }[];

/** What the observable makes of a state, or of the columns of a matrix. */
export function applied(observable: Observable, state: mx.Array): mx.Array {
  const qubits = Math.log2(state.shape[0] as number);
  const terms = observable.map(({ factor, paulis }) => run(circuit(qubits, paulis), state).multiply(factor));
  return terms.reduce((sum, term) => sum.add(term), mx.zerosLike(state));
}

/** ⟨state|observable|state⟩, a float32 scalar. */
export function expectation(observable: Observable, state: mx.Array): mx.Array {
  return mx.real(mx.inner(mx.conj(state), applied(observable, state)));
}

/** The energy of a chain of spins that want to be equal to their neighbours, in a field across: −ΣZZ − field·ΣX. */
export function isingChain(qubits: number, field: number): Observable {
  const spins = Array.from({ length: qubits }, (_, qubit) => qubit);
  const bonds = spins.slice(1).map((qubit) => ({ factor: -1, paulis: [z(qubit - 1), z(qubit)] }));
  return [...bonds, ...spins.map((qubit) => ({ factor: -field, paulis: [x(qubit)] }))];
}
