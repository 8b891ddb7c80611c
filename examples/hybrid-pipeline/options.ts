import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

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
  --stage S     loops needs GUDHI (examples/hybrid-pipeline/install.ts), pieces nothing (loops where GUDHI is)
  --help        this text`;

/** A wrong option; the message says what was expected. */
export class OptionError extends Error {}

/** @throws OptionError for an unknown option or a value out of range. */
export function parseOptions(args: readonly string[]): Options {
  const { clouds, batch, workers, stage, help } = parse(args);
  if (stage !== 'auto' && stage !== 'pieces' && stage !== 'loops') {
    throw new OptionError(`--stage: expected pieces or loops, received "${stage}"`);
  }
  return {
    clouds: integer('--clouds', clouds, 100_000),
    batch: integer('--batch', batch, 1000),
    workers: integer('--workers', workers, 64),
    stage,
    help,
  };
}

function parse(args: readonly string[]) {
  const workers = String(Math.min(availableParallelism(), 4));
  try {
    return parseArgs({
      args: [...args],
      options: {
        clouds: { type: 'string', default: '600' },
        batch: { type: 'string', default: '32' },
        workers: { type: 'string', default: workers },
        stage: { type: 'string', default: 'auto' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

function integer(name: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new OptionError(`${name}: expected an integer from 1 to ${most}, received "${text}"`);
}
