import { ArgumentError, core as mx } from '../../mlx/index.ts';
import { type Circuit, touched } from './circuit.ts';
import { fullMatrix, type Operation } from './operation.ts';

const BYTES_OF_AN_AMPLITUDE = 8;
/** A product needs what it is of, a copy of that in another order, and its result. */
const STATES_AT_ONCE = 3;
const ALWAYS_FREE = 2 ** 26;
/** Up to here an operation is one matrix; beyond, the amplitudes that its controls choose are cut out. */
const MOST_QUBITS_OF_A_MATRIX = 6;
/** Many products of small matrices take longer than one from the right with a matrix of up to so many rows. */
const WIDEST = 64;

/** Amplitudes as an axis of 2 for each qubit, in `order`, and one axis of states. */
interface Register {
  readonly amplitudes: mx.Array;
  readonly order: readonly number[];
}

/** |00…0⟩, of shape [2^qubits]: qubit 0 is the most significant bit of the index.
 * @throws ArgumentError where the memory that is free does not hold the states of one step. */
export function zeroState(qubits: number): mx.Array {
  const bytes = BYTES_OF_AN_AMPLITUDE * 2 ** qubits;
  // To ask the system takes as long as some operations of a small state.
  const free = bytes > ALWAYS_FREE ? process.availableMemory() : Number.POSITIVE_INFINITY;
  if (STATES_AT_ONCE * bytes > free) {
    throw new ArgumentError(
      `${qubits} qubits: expected the memory for ${STATES_AT_ONCE} states, ${sizeText(bytes)} each, received ${sizeText(free)} that are free`,
    );
  }
  return mx.equal(mx.arange(2 ** qubits), 0).astype(mx.complex64);
}

/** The state after the circuit. Several states are the columns of a matrix, [2^qubits, states].
 * @throws ArgumentError for a state of another number of qubits. */
export function run({ qubits, operations }: Circuit, state: mx.Array = zeroState(qubits)): mx.Array {
  if (state.shape[0] !== 2 ** qubits || state.ndim > 2) {
    throw new ArgumentError(`run: expected a state of shape [${2 ** qubits}], received [${state.shape}]`);
  }
  const order = Array.from({ length: qubits }, (_, qubit) => qubit);
  const start = { amplitudes: state.reshape([...order.map(() => 2), -1]), order };
  return arrange(operations.reduce(apply, start), order).amplitudes.reshape(state.shape);
}

/** The matrix of a circuit, of shape [2^qubits, 2^qubits]. */
export function unitary(it: Circuit): mx.Array {
  return run(it, mx.eye(2 ** it.qubits, { dtype: mx.complex64 }));
}

/** One operation is one product of matrices, without a copy where its qubits are neighbours. */
function apply(register: Register, operation: Operation): Register {
  const { amplitudes, order } = register;
  const own = touched(operation);
  if (own.length > MOST_QUBITS_OF_A_MATRIX && operation.controls.length > 0) return applyWhereOne(register, operation);
  const sorted = order.filter((qubit) => own.includes(qubit));
  const matrix = rearranged(fullMatrix(operation), own, sorted);
  const [first, last] = [order.indexOf(sorted[0] as number), order.indexOf(sorted.at(-1) as number)];
  const size = matrix.shape[0] as number;
  const columns = amplitudes.size / 2 ** (last + 1);
  if (last - first >= own.length) return multiply(matrix, arrange(register, sorted));
  if (first === 0 || size * columns > WIDEST) return multiply(matrix, register, 2 ** first);
  const wide = columns === 1 ? matrix : mx.kron(matrix, mx.eye(columns));
  return {
    amplitudes: amplitudes
      .reshape(-1, size * columns)
      .matmul(wide.T)
      .reshape(amplitudes.shape),
    order,
  };
}

/** The matrix on the qubits behind the first ones, which have `before` values. */
function multiply(matrix: mx.Array, { amplitudes, order }: Register, before = 1): Register {
  const product = matrix.matmul(amplitudes.reshape(before, matrix.shape[0] as number, -1));
  return { amplitudes: product.reshape(amplitudes.shape), order };
}

function applyWhereOne(register: Register, { controls, targets, matrix }: Operation): Register {
  const { amplitudes, order } = arrange(register, [...controls, ...targets]);
  const rows = amplitudes.reshape(2 ** controls.length, matrix.shape[0] as number, -1);
  const [others, chosen] = mx.split(rows, [-1]) as [mx.Array, mx.Array];
  return { amplitudes: mx.concatenate([others, matrix.matmul(chosen)]).reshape(amplitudes.shape), order };
}

/** `front` before all other qubits. */
function arrange({ amplitudes, order }: Register, front: readonly number[]): Register {
  const next = [...front, ...order.filter((qubit) => !front.includes(qubit))];
  const axes = next.map((qubit) => order.indexOf(qubit));
  return { amplitudes: amplitudes.transpose([...axes, order.length]), order: next };
}

/** A matrix over the qubits `from`, over the same in the order `to`. */
function rearranged(matrix: mx.Array, from: readonly number[], to: readonly number[]): mx.Array {
  const axes = to.map((qubit) => from.indexOf(qubit));
  if (axes.every((axis, place) => axis === place)) return matrix;
  const sides = [...axes, ...axes.map((axis) => axis + axes.length)];
  return matrix
    .reshape(sides.map(() => 2))
    .transpose(sides)
    .reshape(matrix.shape);
}

function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]}`;
}
