import { parseArgs } from 'node:util';

export interface Options {
  readonly epochs: number;
  readonly seed: number;
  readonly page: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run quickstart -- [--epochs N] [--seed S] [--no-page]

  --epochs N   passes over the training set, 1 to 1000 (30)
  --seed S     what split, first weights and shuffles are drawn from, 0 to ${Number.MAX_SAFE_INTEGER} (1)
  --no-page    do not write build/digits/index.html
  --help       this text`;

/** A wrong option; the message says what was expected. */
export class OptionError extends Error {}

/** @throws OptionError for an unknown option or a value out of range. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  return {
    epochs: integer('--epochs', values.epochs, 1, 1000),
    seed: integer('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    page: !values['no-page'],
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        epochs: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        'no-page': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

function integer(option: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new OptionError(`${option}: expected an integer from ${low} to ${high}, received "${text}"`);
}
