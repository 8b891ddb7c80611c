import { ArgumentError, core as mx } from '../../mlx/index.ts';

/** In radians. An array of one real element may be differentiated by. */
export type Angle = number | mx.Array;

/** A unitary matrix on some qubits of a circuit. */
export interface Operation {
  /** As it is drawn: `H`, `RX`. */
  readonly name: string;
  readonly angles: readonly Angle[];
  /** The qubits that must all be 1 for it to act. */
  readonly controls: readonly number[];
  /** The qubits that it changes; the first is the most significant in the matrix. */
  readonly targets: readonly number[];
  /** Of shape [2^targets, 2^targets], complex64. */
  readonly matrix: mx.Array;
}

/** @throws ArgumentError for qubits that are no distinct integers from 0, or angles that are no finite real numbers. */
export function operation(
  name: string,
  matrix: mx.Array,
  targets: readonly number[],
  angles: readonly Angle[] = [],
  controls: readonly number[] = [],
): Operation {
  const qubits = [...controls, ...targets];
  for (const qubit of qubits) {
    if (!Number.isInteger(qubit) || qubit < 0) {
      throw new ArgumentError(`${name}: expected qubits to be integers from 0, received ${qubit}`);
    }
  }
  if (new Set(qubits).size < qubits.length) {
    throw new ArgumentError(`${name}: expected each qubit once, received ${qubits.join(', ')}`);
  }
  return Object.freeze({ name, angles, controls, targets, matrix });
}

/** The angle as an array. Values of an array are not read: inside a transform there are none. */
export function angleOf(name: string, angle: Angle): mx.Array {
  const isReal = typeof angle === 'number' ? Number.isFinite(angle) : angle.size === 1 && angle.dtype !== mx.complex64;
  if (isReal) return typeof angle === 'number' ? mx.array(angle) : angle.reshape();
  const received = typeof angle === 'number' ? angle : `${angle.dtype} of shape [${angle.shape}]`;
  throw new ArgumentError(`${name}: expected an angle to be one finite real number, received ${received}`);
}

/** The operation where all of `controls` are 1, and nothing elsewhere. */
export function controlled({ name, matrix, targets, angles, controls }: Operation, ...more: number[]): Operation {
  return operation(name, matrix, targets, angles, [...more, ...controls]);
}

const SELF_INVERSE: ReadonlySet<string> = new Set(['H', 'X', 'Y', 'Z', 'SWAP']);

/** What undoes the operation. */
export function inverseOf(it: Operation): Operation {
  if (SELF_INVERSE.has(it.name)) return it;
  const name = it.name.endsWith('†') ? it.name.slice(0, -1) : `${it.name}†`;
  return operation(name, mx.conj(it.matrix).T, it.targets, it.angles, it.controls);
}

/** The matrix over controls and targets: the identity, but for its last block. */
export function fullMatrix({ matrix, controls }: Operation): mx.Array {
  if (controls.length === 0) return matrix;
  const size = matrix.shape[0] as number;
  const rest = size * (2 ** controls.length - 1);
  const change = matrix.subtract(mx.eye(size));
  return mx
    .pad(change, [
      [rest, 0],
      [rest, 0],
    ])
    .add(mx.eye(rest + size));
}
