import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A wrong option; the message says what was expected. */
export class OptionError extends Error {}

/** The values of the options.
 * @throws OptionError for an option that there is not, or a value that is missing. */
export function optionValues<const T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
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
