import { core as mx } from '../../mlx/index.ts';
import { summary, type Times } from '../shared/times.ts';
import type { TimesTable } from '../shared/times-table.ts';
import type { Circuit } from './circuit.ts';
import { fuse } from './fuse.ts';
import { hasQulacs, mlxPeer, qulacsPeer } from './peers.ts';
import { run } from './state.ts';

/** Of a small circuit, timed together. */
const MOST_RUNS = 20;
const SIDES = ['native', 'Python pool', 'Python by itself', 'Qulacs'] as const;

export interface Way {
  readonly side: (typeof SIDES)[number];
  readonly how: string;
  /** How long one run of the circuit takes, the mean of so many. */
  readonly milliseconds: (runs: number) => Promise<number>;
}

export interface Timing extends Times {
  readonly qubits: number;
  readonly side: Way['side'];
  readonly how: string;
}

/** All ways to run a circuit: what can be prepared once is, so that each measures the simulation alone. */
async function waysOf(circuit: Circuit): Promise<Way[]> {
  const fused = fuse(circuit);
  mx.eval(fused.operations.map(({ matrix }) => matrix));
  const timed = (simulate: () => mx.Array) => async (runs: number) => {
    const start = performance.now();
    for (let i = 0; i < runs; i++) mx.tidy(() => mx.eval(simulate()));
    return (performance.now() - start) / runs;
  };
  const inPython = (simulate: () => mx.Array) => () => mx.withImplementation('python', simulate);
  const eager = () => run(fused);
  const compiled = mx.compile(eager);
  const alone = async (compiled: boolean) => (await mlxPeer(fused, compiled)).milliseconds;
  const qulacs = async (block: number) => (await qulacsPeer(circuit, block)).milliseconds;
  return [
    { side: 'native', how: 'eager', milliseconds: timed(eager) },
    { side: 'native', how: 'compiled', milliseconds: timed(compiled) },
    { side: 'Python pool', how: 'eager', milliseconds: timed(inPython(eager)) },
    { side: 'Python pool', how: 'compiled', milliseconds: timed(inPython(compiled)) },
    { side: 'Python by itself', how: 'eager', milliseconds: await alone(false) },
    { side: 'Python by itself', how: 'compiled', milliseconds: await alone(true) },
    ...(hasQulacs()
      ? ([
          { side: 'Qulacs', how: 'as it is', milliseconds: await qulacs(0) },
          { side: 'Qulacs', how: 'fused', milliseconds: await qulacs(2) },
        ] as const)
      : []),
  ];
}

/** Times all ways in turn, round after round, so that whatever else the machine does meets all of them. */
export async function timeWays(circuit: Circuit, rounds: number, onRound: () => void): Promise<Timing[]> {
  const ways = await waysOf(circuit);
  // The first run compiles, and copies what the side does not have yet.
  for (const way of ways) await way.milliseconds(1);
  // A short run is mostly what the machine does besides, so some are timed together.
  const runs = Math.min(Math.max(1, 2 ** (15 - circuit.qubits)), MOST_RUNS);
  const times = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, way] of ways.entries()) times[i]?.push(await way.milliseconds(runs));
    onRound();
  }
  return ways.map(({ side, how }, i) => ({ qubits: circuit.qubits, side, how, ...summary(times[i] as number[]) }));
}

/** Why a side may be slower than Python by itself. */
const REASONS: Readonly<Partial<Record<Way['side'], string>>> = {
  native: 'JavaScript builds the graph, 0.06 to 1 ms of a run; beside other work see examples/README.md',
  'Python pool': 'each operation is a message to the worker; a compiled circuit is one message',
};

/** One for each number of qubits; what is compiled stands beside what is compiled. */
export function tablesOf(timings: readonly Timing[]): TimesTable[] {
  return [...new Set(timings.map(({ qubits }) => qubits))].map((count) => {
    const same = timings.filter(({ qubits }) => qubits === count);
    const rows = same.map((timing) => ({
      ...timing,
      name: `${timing.side}, ${timing.how}`,
      alone: same.find(({ side, how }) => side === 'Python by itself' && how === timing.how),
      whySlower: REASONS[timing.side],
    }));
    return { title: `${count} qubits`, unit: 'ms', digits: 2, rows };
  });
}

/** For each number of qubits which way is the fastest by its median. */
export function recommendations(timings: readonly Timing[]): string[] {
  return [...new Set(timings.map(({ qubits }) => qubits))].map((count) => {
    const rows = timings.filter(({ qubits }) => qubits === count);
    const best = rows.reduce((a, b) => (b.median < a.median ? b : a));
    const native = rows.filter(({ side }) => side === 'native').reduce((a, b) => (b.median < a.median ? b : a));
    const others = SIDES.slice(1).flatMap((name) => {
      const other = rows.filter(({ side }) => side === name).map(({ median }) => median);
      return other.length === 0
        ? []
        : [`${name} takes ${(Math.min(...other) / native.median).toFixed(2)} times as long`];
    });
    const advice = best === native ? `native, ${native.how}` : `${best.side}, ${best.how}`;
    return `Recommended here for ${count} qubits: ${advice}. Beside native, ${native.how}, ${others.join(', ')}.`;
  });
}
