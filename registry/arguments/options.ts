import { ArgumentError } from '../errors.ts';
import { didYouMean } from '../naming.ts';
import { describeValue } from './describe.ts';

/** The options of a call, which may have these and no others. @throws ArgumentError naming the first that is wrong. */
export function checkedOptions<T extends object>(
  options: unknown,
  names: readonly (keyof T & string)[],
  operation: string,
): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ArgumentError(`expected options in an object, received ${describeValue(options)}`, { operation });
  }
  const stranger = Object.keys(options).find((name) => !(names as readonly string[]).includes(name));
  if (stranger === undefined) return options as T;
  throw new ArgumentError(`no option is named "${stranger}"${didYouMean(stranger, names)}`, { operation });
}

/** How long somebody waits for an answer. */
export interface Patience {
  /** Milliseconds from 1 up. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait when it aborts, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The two as they are, if they are what they should be. */
export function checkedPatience({ timeoutMs, signal }: Patience, operation: string): Patience {
  if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && timeoutMs > 0)) {
    throw new ArgumentError(`expected milliseconds from 1 up for "timeoutMs", received ${describeValue(timeoutMs)}`, {
      operation,
    });
  }
  return { timeoutMs, signal: checkedSignal(signal, operation) };
}

export function checkedSignal(signal: unknown, operation: string): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new ArgumentError(`expected an AbortSignal for "signal", received ${describeValue(signal)}`, { operation });
}
