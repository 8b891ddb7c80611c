import { type AddedBackend, ArgumentError, type Implementation } from '../../foundation/errors/errors.ts';
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
  const unknown = Object.keys(options).find((name) => !(names as readonly string[]).includes(name));
  if (unknown === undefined) return options as T;
  const prototype: unknown = Object.getPrototypeOf(options);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new ArgumentError(`expected options in an object, received ${describeValue(options)}`, { operation });
  }
  throw new ArgumentError(
    `no option is named "${unknown}"${didYouMean(unknown, names)}; known are ${names.join(', ')}`,
    { operation },
  );
}

/** An option that is true or false. */
export function checkedFlag(value: unknown, name: string, operation: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new ArgumentError(`expected a boolean for "${name}", received ${describeValue(value)}`, { operation });
}

/** The backend that an option asks for; undefined: none in particular. `added`: which there are beside the two. */
export function checkedImplementation(
  value: unknown,
  operation: string,
  added: readonly AddedBackend[] = [],
): Implementation | undefined {
  if (value === undefined || isImplementation(value, added)) return value;
  throw new ArgumentError(`expected ${namesOf(added)} for "implementation", received ${describeValue(value)}`, {
    operation,
  });
}

export function isImplementation(value: unknown, added: readonly AddedBackend[]): value is Implementation {
  return value === 'native' || value === 'python' || added.includes(value as AddedBackend);
}

/** The names of backends, for errors: `"native" or "python"`. */
export function namesOf(added: readonly AddedBackend[]): string {
  const names = ['native', 'python', ...added].map((name) => `"${name}"`);
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** What stands behind the last parameter of a function, which would do nothing. */
export function refuseMore(more: readonly unknown[], operation: string): void {
  const received = more.find((value) => value !== undefined);
  if (received === undefined) return;
  throw new ArgumentError(`there is one argument too many, ${describeValue(received)}`, { operation });
}

/** How long a caller waits for a result. */
export interface WaitOptions {
  /** Milliseconds from 1 up. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait when it aborts, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The two as they are, if they are what they should be. */
export function checkedWaitOptions({ timeoutMs, signal }: WaitOptions, operation: string): WaitOptions {
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
