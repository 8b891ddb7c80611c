import { ArgumentError } from '../../mlx/index.ts';
import { inverseOf, type Operation } from './operation.ts';

/** Operations on some qubits, first to last. It is a value: nothing changes it. */
export interface Circuit {
  readonly qubits: number;
  readonly operations: readonly Operation[];
}

/** @throws ArgumentError for an operation on qubits that the circuit does not have. */
export function circuit(qubits: number, operations: readonly Operation[]): Circuit {
  if (!Number.isInteger(qubits) || qubits < 1) {
    throw new ArgumentError(`circuit: expected the number of qubits to be an integer from 1, received ${qubits}`);
  }
  for (const { name, controls, targets } of operations) {
    const beyond = [...controls, ...targets].find((qubit) => qubit >= qubits);
    if (beyond !== undefined) {
      throw new ArgumentError(`${name}: expected qubits from 0 to ${qubits - 1}, received ${beyond}`);
    }
  }
  return Object.freeze({ qubits, operations: [...operations] });
}

/** What undoes the circuit: the inverse of each operation, last to first. */
export function inverse({ qubits, operations }: Circuit): Circuit {
  return circuit(qubits, operations.map(inverseOf).reverse());
}

/** The column of each operation when all are moved as far left as their qubits, `reach` of them, let them. */
export function columnsOf({ qubits, operations }: Circuit, reach = touched): number[] {
  const free = new Array<number>(qubits).fill(0);
  return operations.map((operation) => {
    const lines = reach(operation);
    const column = Math.max(...lines.map((line) => free[line] as number));
    for (const line of lines) free[line] = column + 1;
    return column;
  });
}

/** How many steps the circuit takes when operations on different qubits go together. */
export function depth(it: Circuit): number {
  return Math.max(0, ...columnsOf(it).map((column) => column + 1));
}

export function touched({ controls, targets }: Operation): number[] {
  return [...controls, ...targets];
}
