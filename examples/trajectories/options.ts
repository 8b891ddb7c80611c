import { join, resolve } from 'node:path';
import { integer, OptionError, optionValues } from '../shared/options.ts';
import { DOCUMENTS, FOLDER } from './folders.ts';

export interface Options {
  readonly database: string;
  readonly resume: boolean;
  /** What was said of the experiment; the rest is as `DEFAULTS` has it, or as it was begun. */
  readonly said: Partial<Settings>;
  readonly workers: number;
  readonly rounds: number;
  readonly kills: number;
  readonly page: boolean;
  readonly help: boolean;
}

export interface Settings {
  readonly folder: string;
  readonly texts: number;
  readonly seeds: number;
  readonly steps: number;
  readonly dummy: boolean;
}

export const DEFAULTS: Settings = { folder: DOCUMENTS, texts: 4, seeds: 2, steps: 24, dummy: false };

export const USAGE = `Usage: npm run trajectories -- [--texts N] [--seeds N] [--steps N] [--folder DIR] [--dummy] [--resume]
         [--database FILE] [--workers N] [--rounds N] [--no-page]

  --texts N        sentences that runs begin with, 1 to 100 (4)
  --seeds N        runs from each sentence, 1 to 100 (2)
  --steps N        texts that a run writes, 2 to 200 (24)
  --folder DIR     where .md and .txt files with the sentences are (docs)
  --dummy          no language model: words are drawn
  --resume         go on with the experiment that was begun last
  --database FILE  where everything is kept (build/trajectories/trajectories.db)
  --workers N      Python processes, 1 to 64 (2)
  --rounds N       how often each way is timed, 0 to 1000 (5)
  --no-page        do not write build/trajectories/index.html
  --kills N        do nothing else: kill a small experiment so often, go on each time, and compare, 1 to 1000
  --help           this text`;

/** @throws OptionError for an unknown option or a value out of range. */
export function parseOptions(args: readonly string[]): Options {
  const values = optionValues(args, {
    texts: { type: 'string' },
    seeds: { type: 'string' },
    steps: { type: 'string' },
    folder: { type: 'string' },
    dummy: { type: 'boolean' },
    resume: { type: 'boolean', default: false },
    database: { type: 'string', default: join(FOLDER, 'trajectories.db') },
    workers: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    kills: { type: 'string' },
    'no-page': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  const { folder, dummy } = values;
  if (values.database.trim() === '') throw new OptionError('--database: expected a file, received ""');
  return {
    database: values.database,
    resume: values.resume,
    said: {
      ...(folder !== undefined && { folder: resolve(folder) }),
      ...(dummy !== undefined && { dummy }),
      ...(values.texts !== undefined && { texts: integer('--texts', values.texts, 1, 100) }),
      ...(values.seeds !== undefined && { seeds: integer('--seeds', values.seeds, 1, 100) }),
      ...(values.steps !== undefined && { steps: integer('--steps', values.steps, 2, 200) }),
    },
    workers: integer('--workers', values.workers, 1, 64),
    rounds: integer('--rounds', values.rounds, 0, 1000),
    kills: values.kills === undefined ? 0 : integer('--kills', values.kills, 1, 1000),
    page: !values['no-page'],
    help: values.help,
  };
}
