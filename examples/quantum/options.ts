import { integer, OptionError, optionValues } from '../shared/options.ts';

export interface Options {
  /** The numbers of qubits to time. */
  readonly qubits: readonly number[];
  readonly rounds: number;
  readonly spins: number;
  readonly steps: number;
  readonly shots: number;
  readonly page: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run quantum -- [--qubits N,N] [--rounds N] [--spins N] [--steps N] [--shots N] [--no-page]

  --qubits N,N   the numbers of qubits to time, 2 to 24 each (10,15,20)
  --rounds N     how often each way is timed, 1 to 1000 (9)
  --spins N      the length of the chain whose ground state is looked for, 2 to 10 (6)
  --steps N      how often its angles are changed, 1 to 10000 (150)
  --shots N      measurements of each state, 1 to 1000000 (1000)
  --no-page      do not write build/quantum/index.html
  --help         this text`;

/** @throws OptionError for an unknown option or a value out of range. */
export function parseOptions(args: readonly string[]): Options {
  const values = optionValues(args, {
    qubits: { type: 'string', default: '10,15,20' },
    rounds: { type: 'string', default: '9' },
    spins: { type: 'string', default: '6' },
    steps: { type: 'string', default: '150' },
    shots: { type: 'string', default: '1000' },
    'no-page': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  const qubits = values.qubits.split(',').map((text) => integer('--qubits', text, 2, 24));
  if (new Set(qubits).size < qubits.length) {
    throw new OptionError(`--qubits: expected each number once, received "${values.qubits}"`);
  }
  return {
    qubits,
    rounds: integer('--rounds', values.rounds, 1, 1000),
    spins: integer('--spins', values.spins, 2, 10),
    steps: integer('--steps', values.steps, 1, 10_000),
    shots: integer('--shots', values.shots, 1, 1_000_000),
    page: !values['no-page'],
    help: values.help,
  };
}
