import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { core as mx } from '../../mlx/index.ts';
import { type Circuit, touched } from './circuit.ts';
import { SITE } from './folders.ts';
import { type Angle, fullMatrix } from './operation.ts';

/** A circuit in Python, ready to be simulated. */
export interface Peer {
  readonly state: () => Promise<mx.Array>;
  /** How long Python takes for it by Python's clock, the mean of so many runs. */
  readonly milliseconds: (runs: number) => Promise<number>;
}

export const hasQulacs = (): boolean => existsSync(join(SITE, 'qulacs'));

/** MLX in Python alone, with the matrix of each operation over its controls and targets. */
export async function mlxPeer({ qubits, operations }: Circuit, compiled: boolean): Promise<Peer> {
  const peers = await mx.python.import('peers');
  const peer = await peers.Mlx(
    qubits,
    operations.map((operation) => [touched(operation), fullMatrix(operation)]),
  );
  return { state: () => peer.state(), milliseconds: (runs) => peer.milliseconds(runs, compiled) };
}

/** Qulacs, with the names of the operations. `block` is how many qubits its own fusion may join; 0 leaves it out. */
export async function qulacsPeer({ qubits, operations }: Circuit, block: number): Promise<Peer> {
  const peers = await mx.python.import('peers');
  const number = (angle: Angle) => (typeof angle === 'number' ? angle : Number(angle.item()));
  const plain = operations.map(({ name, angles, controls, targets }) => [name, angles.map(number), controls, targets]);
  const peer = await peers.Qulacs(qubits, plain, block);
  return { state: () => peer.state(), milliseconds: (runs) => peer.milliseconds(runs) };
}
