import { type Circuit, circuit, touched } from './circuit.ts';
import { type Operation, operation } from './operation.ts';
import { unitary } from './state.ts';

/** The same circuit in fewer, larger operations of at most `most` qubits each; an operation on more stays as it is. */
export function fuse(it: Circuit, most = 5): Circuit {
  const blocks: Operation[][] = [];
  const qubitsOf = (block: readonly Operation[]) => [...new Set(block.flatMap(touched))];
  for (const operation of it.operations) {
    const own = touched(operation);
    // Behind the last block that shares a qubit with it, the order of an operation does not matter.
    const from = blocks.reduce(
      (last, block, i) => (qubitsOf(block).some((qubit) => own.includes(qubit)) ? i : last),
      0,
    );
    const home = blocks.slice(from).find((block) => fits(qubitsOf(block), own, most));
    if (home === undefined) blocks.push([operation]);
    else home.push(operation);
  }
  return circuit(
    it.qubits,
    blocks.map((block) => fused(block, most)),
  );
}

/** Neighbours stay among themselves, since they need no copy; where qubits are far apart anyway, any may join. */
function fits(block: readonly number[], own: readonly number[], most: number): boolean {
  const both = new Set([...block, ...own]);
  return both.size <= most && (spanOf([...both]) <= most || spanOf(block) > most);
}

const spanOf = (qubits: readonly number[]) => Math.max(...qubits) - Math.min(...qubits) + 1;

/** One by itself gets the matrix over its controls too: it would be made again in every run. */
function fused(block: readonly Operation[], most: number): Operation {
  const [first, ...others] = block;
  const stays = first !== undefined && (first.controls.length === 0 || touched(first).length > most);
  if (stays && others.length === 0) return first;
  const qubits = [...new Set(block.flatMap(touched))].sort((a, b) => a - b);
  const local = (all: readonly number[]) => all.map((qubit) => qubits.indexOf(qubit));
  const inner = block.map(({ name, matrix, targets, angles, controls }) =>
    operation(name, matrix, local(targets), angles, local(controls)),
  );
  return operation('fused', unitary(circuit(qubits.length, inner)), qubits);
}
