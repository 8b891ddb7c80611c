import { ArgumentError, core as mx } from '../../mlx/index.ts';
import { type Circuit, circuit } from './circuit.ts';
import { cnot, cz, h, p, rx, ry, rz, s, swap, t, toffoli, u, x, y, z } from './gates.ts';
import { controlled, type Operation } from './operation.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Two qubits of which neither has a value, and both have the same. */
export const bell = (): Circuit => circuit(2, [h(0), cnot(0, 1)]);

/** All qubits 0 and all qubits 1 at once. */
export function ghz(qubits: number): Circuit {
  return circuit(qubits, [h(0), ...upTo(qubits - 1).map((qubit) => cnot(qubit, qubit + 1))]);
}

/** The Fourier transform of the amplitudes: `mx.fft.ifft` times √(2^qubits). */
export function fourier(qubits: number): Circuit {
  const turns = upTo(qubits).flatMap((qubit) => [
    h(qubit),
    ...upTo(qubits - qubit - 1).map((i) => controlled(p(Math.PI / 2 ** (i + 1), qubit), qubit + i + 1)),
  ]);
  return circuit(qubits, [...turns, ...upTo(Math.floor(qubits / 2)).map((i) => swap(i, qubits - 1 - i))]);
}

/** Grover's search for the outcome whose bits are `marked`, qubit 0 first, with as many rounds as are best.
 * @throws ArgumentError for anything but two or more bits. */
export function grover(marked: string): Circuit {
  if (!/^[01]{2,}$/.test(marked)) {
    throw new ArgumentError(`grover: expected two or more bits, such as "101", received "${marked}"`);
  }
  const qubits = upTo(marked.length);
  const zeros = qubits.filter((qubit) => marked[qubit] === '0').map(x);
  const flip = controlled(z(qubits.length - 1), ...qubits.slice(0, -1));
  const round = [
    ...zeros,
    flip,
    ...zeros,
    ...qubits.map(h),
    ...qubits.map(x),
    flip,
    ...qubits.map(x),
    ...qubits.map(h),
  ];
  const rounds = Math.max(1, Math.floor((Math.PI / 4) * Math.sqrt(2 ** qubits.length)));
  return circuit(qubits.length, [...qubits.map(h), ...upTo(rounds).flatMap(() => round)]);
}

/** Layers of random rotations of every qubit, and CNOTs between neighbours, odd and even ones in turn. */
export function layered(qubits: number, layers: number, seed: number): Circuit {
  const angles = mx.random.uniform(-Math.PI, Math.PI, [layers, qubits, 3], { key: mx.random.key(seed) });
  const operations = (angles.tolist() as [number, number, number][][]).flatMap((layer, i) => [
    ...layer.map((three, qubit) => u(...three, qubit)),
    ...upTo(qubits - 1)
      .filter((qubit) => qubit % 2 === i % 2)
      .map((qubit) => cnot(qubit, qubit + 1)),
  ]);
  return circuit(qubits, operations);
}

/** So many operations of every kind on random qubits, three or more of them. */
export function random(qubits: number, count: number, seed: number): Circuit {
  const kinds: ((qubits: number[], angles: number[]) => Operation)[] = [
    ...[h, x, y, z, s, t].map(
      (gate) =>
        ([a = 0]: number[]) =>
          gate(a),
    ),
    ...[rx, ry, rz, p].map(
      (gate) =>
        ([a = 0]: number[], [angle = 0]: number[]) =>
          gate(angle, a),
    ),
    ([a = 0], [theta = 0, phi = 0, lambda = 0]) => u(theta, phi, lambda, a),
    ...[cnot, cz, swap].map(
      (gate) =>
        ([a = 0, b = 1]: number[]) =>
          gate(a, b),
    ),
    ([a = 0, b = 1, c = 2]) => toffoli(a, b, c),
    ([a = 0, b = 1, c = 2], [theta = 0, phi = 0, lambda = 0]) => controlled(u(theta, phi, lambda, a), b, c),
  ];
  const [first, second] = mx.random.split(mx.random.key(seed)) as unknown as [mx.Array, mx.Array];
  const angles = mx.random.uniform(-Math.PI, Math.PI, [count, 3], { key: first }).tolist() as number[][];
  const orders = mx.argsort(mx.random.uniform(0, 1, [count, qubits], { key: second }), 1).tolist() as number[][];
  return circuit(
    qubits,
    orders.map((order, i) => (kinds[i % kinds.length] as (typeof kinds)[0])(order, angles[i] as number[])),
  );
}
