import { type ParseArgsConfig, parseArgs } from 'node:util';
import { messageOf } from '../foundation/errors/message.ts';
import { didYouMean } from '../registry/naming.ts';

/** The caller's mistake on the command line: the message goes to stderr, the process ends with 2. */
export class UsageError extends Error {}

export interface Command {
  readonly summary: string;
  readonly usage: string;
  /** The arguments that are the command's own, where others are a program's. */
  own?(args: readonly string[]): readonly string[];
  /** Gives the exit code. */
  run(args: string[]): Promise<number>;
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

/** Node's own parser, whose complaints become usage errors with the option that was meant. */
export function parseOptions<const O extends Options>(args: string[], options: O, positionals = 0): Parsed<O> {
  let parsed: Parsed<O>;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const message = messageOf(error);
    const unknown = /Unknown option '(--?[^'=]+)/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message);
    const known = [...Object.keys(options), 'help', 'version'].map((name) => `--${name}`);
    throw new UsageError(`no option is named ${unknown}${didYouMean(unknown, known)}`);
  }
  const surplus = parsed.positionals[positionals];
  if (surplus !== undefined) throw new UsageError(`unexpected argument "${surplus}"`);
  return parsed;
}

/** The option as one of the words; a usage error with a suggestion if it is none of them. */
export function oneOf<const W extends string>(option: string, value: string, words: readonly W[]): W {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new UsageError(`${option}: "${value}" is none of ${words.join(', ')}${didYouMean(value, words)}`);
}
