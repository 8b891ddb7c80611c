import { core as mx } from '../../mlx/index.ts';
import { type Circuit, circuit } from './circuit.ts';
import type { GroundState } from './eigensolver.ts';
import { fuse } from './fuse.ts';
import { cnot, h, rx, ry, rz, u } from './gates.ts';
import { expectation, isingChain } from './observable.ts';
import { hasQulacs, mlxPeer, qulacsPeer } from './peers.ts';
import { bell, fourier, ghz, grover, random } from './programs.ts';
import { run, unitary } from './state.ts';

export interface Check {
  readonly name: string;
  /** Undefined where it could not be made. */
  readonly passed: boolean | undefined;
  readonly detail: string;
}

const difference = (a: mx.Array, b: mx.Array): number => Number(mx.max(mx.abs(a.subtract(b))).item());

const within = (name: string, off: number, limit: number): Check => ({
  name,
  passed: off < limit,
  detail: `off by ${off.toExponential(1)}, less than ${limit.toExponential()} wanted`,
});

/** States that are known. */
export function checkKnownStates(): Check[] {
  const ends = (qubits: number) => {
    const place = mx.arange(2 ** qubits);
    return mx.logicalOr(mx.equal(place, 0), mx.equal(place, 2 ** qubits - 1)).multiply(Math.SQRT1_2);
  };
  const transform = mx.fft.ifft(mx.eye(64), { axis: 0 }).multiply(8);
  const marked = '10110';
  const found = mx.abs(run(grover(marked)).index(Number.parseInt(marked, 2)));
  const theory = Math.sin(9 * Math.asin(1 / Math.sqrt(32)));
  return [
    within('Bell state', difference(run(bell()), ends(2)), 1e-6),
    within('GHZ state of 10 qubits', difference(run(ghz(10)), ends(10)), 1e-6),
    within('Fourier transform of 6 qubits beside mx.fft', difference(unitary(fourier(6)), transform), 1e-6),
    within("amplitude of what Grover's search finds", Math.abs(Number(found.item()) - theory), 1e-6),
  ];
}

/** Operations of every kind, beside a simulator that others wrote. */
export async function checkOtherSimulator(circuits: number): Promise<Check> {
  const name = 'random circuits of 10 qubits beside Qulacs';
  if (!hasQulacs()) return { name, passed: undefined, detail: 'not installed: npm run quantum installs it' };
  let off = 0;
  for (let seed = 1; seed <= circuits; seed++) {
    const it = random(10, 120, seed);
    const theirs = await (await qulacsPeer(it, 0)).state();
    off = Math.max(off, difference(run(it), theirs), difference(run(fuse(it)), theirs));
  }
  return within(name, off, 1e-6);
}

/** What is timed as Python by itself computes the same. */
export async function checkPython(circuits: number): Promise<Check> {
  let off = 0;
  for (let seed = 1; seed <= circuits; seed++) {
    const it = random(10, 120, seed);
    for (const each of [it, fuse(it)])
      off = Math.max(off, difference(run(it), await (await mlxPeer(each, false)).state()));
  }
  return within('random circuits of 10 qubits beside Python by itself', off, 1e-6);
}

/** The gradient that `mx.grad` gives, beside the rule of parameter shifts, which only runs circuits. */
export function checkGradients(): Check {
  const energyOf = (angles: mx.Array) => expectation(isingChain(3, 0.7), run(turns(angles)));
  const angles = mx.random.uniform(-Math.PI, Math.PI, [12], { key: mx.random.key(5) });
  const gradient = mx.grad(energyOf)(angles);
  const quarters = mx.eye(12).multiply(Math.PI / 2);
  const shifted = Array.from({ length: 12 }, (_, i) =>
    energyOf(angles.add(quarters.index(i)))
      .subtract(energyOf(angles.subtract(quarters.index(i))))
      .divide(2),
  );
  return within('gradients beside parameter shifts', difference(gradient, mx.stack(shifted)), 1e-4);
}

/** A circuit of 3 qubits with 12 angles, each of them used once. */
function turns(angles: mx.Array): Circuit {
  const at = (i: number) => angles.index(i);
  const each = [rx, ry, rz].flatMap((gate, kind) => [0, 1, 2].map((qubit) => gate(at(3 * kind + qubit), qubit)));
  return circuit(3, [...each, cnot(0, 1), cnot(1, 2), u(at(9), at(10), at(11), 0), cnot(2, 0), ...[0, 1, 2].map(h)]);
}

export function checkGroundState({ energies, exact }: GroundState): Check {
  return within('energy of the ground state, of its size', ((energies.at(-1) as number) - exact) / -exact, 1e-3);
}
