import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** A wrong option; the message says what was expected. */
export class OptionError extends Error {}

/** The values of the options.
 * @throws OptionError for an option that there is not, or a value that is missing. */
export function optionValues<const T extends Options>(args: readonly string[], options: T) {
  return parsed({ args: [...args], options }).values;
}

/** As `optionValues`, with what stands beside the options: a question, names of files. */
export function optionsAndTexts<const T extends Options>(args: readonly string[], options: T) {
  return parsed({ args: [...args], options, allowPositionals: true });
}

function parsed<const T extends ParseArgsConfig>(config: T) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

/** @throws OptionError for what is no integer in these limits. */
export function integer(option: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new OptionError(`${option}: expected an integer from ${low} to ${high}, received "${text}"`);
}
