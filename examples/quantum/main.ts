// Quantum circuits: known states, a search, a variational eigensolver; how long 10, 15 and 20 qubits take, and where.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { configure, core as mx } from '../../mlx/index.ts';
import { Progress } from '../shared/progress.ts';
import { runCommand } from '../shared/run.ts';
import { tablesText } from '../shared/times-table.ts';
import {
  type Check,
  checkGradients,
  checkGroundState,
  checkKnownStates,
  checkOtherSimulator,
  checkPython,
} from './checks.ts';
import { type Circuit, circuit } from './circuit.ts';
import { findGroundState } from './eigensolver.ts';
import { FOLDER, HERE, SITE } from './folders.ts';
import { x } from './gates.ts';
import { measure } from './measure.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { reportPage } from './pages/report.ts';
import { bell, fourier, ghz, grover, layered } from './programs.ts';
import { run as simulate } from './state.ts';
import { recommendations, type Timing, tablesOf, timeWays } from './timing.ts';

const LAYERS = 4;
const SEED = 1;
const RANDOM_CIRCUITS = 5;

const PROGRAMS: readonly { title: string; text: string; circuit: Circuit }[] = [
  { title: 'Bell', text: 'Two qubits of which neither has a value, and both have the same.', circuit: bell() },
  { title: 'GHZ', text: 'Five qubits: all 0 or all 1, and nothing between.', circuit: ghz(5) },
  {
    title: "Grover's search",
    text: 'Of 16 outcomes one is marked, 1011; three rounds find it nearly always, where guessing would take eight.',
    circuit: grover('1011'),
  },
  {
    title: 'Fourier transform',
    text: 'The transform of one outcome alone: all are equally likely, and only their phases tell which it was.',
    circuit: circuit(4, [x(3), ...fourier(4).operations]),
  },
];

function print(check: Check): void {
  const mark = check.passed === undefined ? '-' : check.passed ? '✓' : '✗';
  console.log(`${mark} ${check.name}: ${check.detail}`);
}

/** The whole example. @returns whether every check passed. */
async function run({ qubits, rounds, spins, steps, shots, page }: Options): Promise<boolean> {
  const start = performance.now();
  configure({ pythonModules: ['peers'], pythonFolders: [HERE, SITE], poolSize: 1 });
  const others = [await checkPython(RANDOM_CIRCUITS), await checkOtherSimulator(RANDOM_CIRCUITS)];
  const checks = [...checkKnownStates(), checkGradients(), ...others];
  checks.forEach(print);

  console.log(`\nThe ground state of a chain of ${spins} spins`);
  const search = new Progress(steps);
  const ground = findGroundState(spins, steps, (done, energy) => search.show(done, `energy ${energy.toFixed(4)}`));
  checks.push(checkGroundState(ground));
  print(checks.at(-1) as Check);

  console.log(`\n${rounds} rounds of every way to run ${LAYERS} layers of rotations and CNOTs`);
  const timings: Timing[] = [];
  const timing = new Progress(rounds * qubits.length);
  let done = 0;
  for (const count of qubits) {
    const onRound = () => timing.show(++done, `${count} qubits`);
    timings.push(...(await timeWays(layered(count, LAYERS, SEED), rounds, onRound)));
  }
  console.log(`\n${tablesText(tablesOf(timings))}\n\n${recommendations(timings).join('\n')}`);

  if (page) {
    const programs = PROGRAMS.map((it, i) => ({
      ...it,
      counts: measure(simulate(it.circuit), shots, mx.random.key(SEED + i)),
    }));
    const seconds = (performance.now() - start) / 1000;
    mkdirSync(FOLDER, { recursive: true });
    const file = join(FOLDER, 'index.html');
    writeFileSync(file, reportPage({ shots, programs, ground, checks, timings, seconds }));
    console.log(`\npage  ${relative('', file)}`);
  }
  return checks.every(({ passed }) => passed !== false);
}

await runCommand({ parseOptions, usage: USAGE, run });
