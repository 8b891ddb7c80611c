import { integer, OptionError, optionValues } from '../shared/options.ts';
import type { Plan } from './checkpoint.ts';

export interface Options extends Plan {
  /** The epoch to stop after; at most the last one. */
  readonly stopAfter: number;
  readonly resume: boolean;
  readonly page: boolean;
  readonly help: boolean;
}

const MOST_EPOCHS = 1000;
const DEFAULT_EPOCHS = '5';
const DEFAULT_SEED = '1';

export const USAGE = `Usage: npm run quickstart -- [--epochs N] [--seed S] [--stop-after E] [--no-page]
       npm run quickstart -- --resume [--stop-after E] [--no-page]

  --epochs N       passes over the training set, 1 to ${MOST_EPOCHS} (${DEFAULT_EPOCHS})
  --seed S         what split, first weights, shuffles and dropout are drawn from,
                   0 to ${Number.MAX_SAFE_INTEGER} (${DEFAULT_SEED})
  --stop-after E   stop after epoch E, as if interrupted
  --resume         go on from the checkpoint that every epoch leaves in build/digits
  --no-page        do not write build/digits/index.html
  --help           this text`;

/** @throws OptionError for an unknown option, a value out of range, or options that exclude each other. */
export function parseOptions(args: readonly string[]): Options {
  const values = parse(args);
  const { resume, epochs, seed } = values;
  if (resume && (epochs !== undefined || seed !== undefined)) {
    throw new OptionError('--resume: the epochs and the seed are those of the checkpoint');
  }
  return {
    epochs: integer('--epochs', epochs ?? DEFAULT_EPOCHS, 1, MOST_EPOCHS),
    seed: integer('--seed', seed ?? DEFAULT_SEED, 0, Number.MAX_SAFE_INTEGER),
    stopAfter: integer('--stop-after', values['stop-after'], 1, MOST_EPOCHS),
    resume,
    page: !values['no-page'],
    help: values.help,
  };
}

const parse = (args: readonly string[]) =>
  optionValues(args, {
    epochs: { type: 'string' },
    seed: { type: 'string' },
    'stop-after': { type: 'string', default: String(MOST_EPOCHS) },
    resume: { type: 'boolean', default: false },
    'no-page': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
