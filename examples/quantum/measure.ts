import { ArgumentError, core as mx } from '../../mlx/index.ts';

/** How often each outcome came, by its bits, qubit 0 first. Outcomes that never came are left out. */
export type Counts = ReadonlyMap<string, number>;

/** The chance of each outcome, of the state's shape, float32. */
export function probabilities(state: mx.Array): mx.Array {
  return mx.square(mx.real(state)).add(mx.square(mx.imag(state)));
}

/** Measures all qubits of so many copies of the state.
 * @throws ArgumentError for a number of shots that is no integer from 1, or a state whose norm is not 1. */
export function measure(state: mx.Array, shots: number, key?: mx.Array): Counts {
  if (!Number.isInteger(shots) || shots < 1) {
    throw new ArgumentError(`measure: expected the number of shots to be an integer from 1, received ${shots}`);
  }
  const all = probabilities(state);
  const norm = Number(all.sum().item());
  if (!(Math.abs(norm - 1) < 1e-3)) {
    throw new ArgumentError(`measure: expected a state of norm 1, received ${norm}`);
  }
  const qubits = Math.log2(state.size);
  const draws = mx.random.uniform(0, 1, [qubits, shots], key === undefined ? {} : { key });
  // One qubit after the other: each level has the chances of the bits so far, and those of the next bit below them.
  let bits = mx.zeros([shots], { dtype: mx.int32 });
  for (let qubit = 0; qubit < qubits; qubit++) {
    const pairs = all
      .reshape(2 ** (qubit + 1), -1)
      .sum(1)
      .reshape(-1, 2);
    const chances = mx.take(pairs, bits, 0);
    const isOne = draws.index(qubit).multiply(chances.sum(1)).greaterEqual(chances.index('..., 0'));
    bits = bits.multiply(2).add(isOne);
  }
  const counts = new Map<string, number>();
  for (const outcome of mx.sort(bits).tolist() as number[]) {
    const text = outcome.toString(2).padStart(qubits, '0');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}
