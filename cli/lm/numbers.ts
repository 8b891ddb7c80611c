import { UsageError } from '../command.ts';

/** A number of the command line. */
export function numberOption(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new UsageError(`--${name}: expected a number, received "${text}"`);
}

/** A whole number of at least so much. */
export function countOption(name: string, text: string, least = 1): number {
  const value = numberOption(name, text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`--${name}: expected a whole number of at least ${least}, received "${text}"`);
}

/** An option that has to be there. */
export function required(name: string, value: string | undefined, what: string): string {
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`--${name} is missing: ${what}`);
}

/** `--val-batches -1` as `--val-batches=-1`: Node's parser takes what begins with a dash for an option. */
export function withNegatives(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1);
    if (/^-\d/.test(arg) && last?.startsWith('--') && !last.includes('=')) joined[joined.length - 1] = `${last}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}
