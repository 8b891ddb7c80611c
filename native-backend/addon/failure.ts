import type { Addon } from './addon.ts';

/** What a function of the addon gives in place of its result when it fails. */
type Failure = { readonly thrown: unknown } | { readonly code: string; readonly message: string };

/** Throws what a failed call gave; `result` is anything but what the call should give. */
export function throwFailure(result: unknown): never {
  const failure = result as Failure;
  if (typeof failure !== 'object' || failure === null) throw new TypeError('the addon gave no result');
  if ('thrown' in failure) throw failure.thrown;
  throw Object.assign(new Error(failure.message), { code: failure.code });
}

function isFailure(result: unknown): boolean {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return false;
  const prototype = Object.getPrototypeOf(result);
  if (prototype !== Object.prototype) return false;
  return 'thrown' in result || ('code' in result && 'message' in result);
}

/**
 * Called for each tensor that a worker holds, or each call to it: the first two fail only while the environment ends, the
 * last one only for no descriptor.
 */
const UNCHECKED: readonly string[] = ['sentinel', 'drainSentinels', 'isReadable'];

/** The addon with functions that throw. Those under `functions` are called most: their callers look at the result. */
export function throwing(addon: Addon): Addon {
  const wrapped: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(addon)) {
    const checks = typeof member === 'function' && !UNCHECKED.includes(name);
    wrapped[name] = checks ? throwingFunction(member as (...args: unknown[]) => unknown) : member;
  }
  return wrapped as unknown as Addon;
}

export function throwingFunction<Args extends unknown[], Result>(
  run: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    const result = run(...args);
    if (isFailure(result)) throwFailure(result);
    return result;
  };
}
