import { availableParallelism } from 'node:os';
import { integer, OptionError, optionValues } from '../shared/options.ts';

export interface Options {
  readonly clouds: number;
  readonly batch: number;
  readonly workers: number;
  readonly stage: 'auto' | 'pieces' | 'loops';
  readonly help: boolean;
}

export const USAGE = `Usage: npm run hybrid-pipeline -- [--clouds N] [--batch N] [--workers N] [--stage pieces|loops]

  --clouds N    point clouds to send through, 1 to 100000 (600)
  --batch N     calls that go together, 1 to 1000 (32)
  --workers N   Python processes, 1 to 64 (as many as there are cores, 4 at most)
  --stage S     loops needs GUDHI (scripts/install-extra.ts topology hybrid-pipeline), pieces nothing (loops where GUDHI is)
  --help        this text`;

/** @throws OptionError for an unknown option or a value out of range. */
export function parseOptions(args: readonly string[]): Options {
  const { clouds, batch, workers, stage, help } = parse(args);
  if (stage !== 'auto' && stage !== 'pieces' && stage !== 'loops') {
    throw new OptionError(`--stage: expected pieces or loops, received "${stage}"`);
  }
  return {
    clouds: integer('--clouds', clouds, 1, 100_000),
    batch: integer('--batch', batch, 1, 1000),
    workers: integer('--workers', workers, 1, 64),
    stage,
    help,
  };
}

const parse = (args: readonly string[]) =>
  optionValues(args, {
    clouds: { type: 'string', default: '600' },
    batch: { type: 'string', default: '32' },
    workers: { type: 'string', default: String(Math.min(availableParallelism(), 4)) },
    stage: { type: 'string', default: 'auto' },
    help: { type: 'boolean', default: false },
  });
