import { checkFunction, checkSynchronous } from '../transforms/function.ts';

/** A change until `end` undoes it, through `using` or by hand. */
interface Scope extends Disposable {
  end(): void;
}

/** Makes a change until its scope ends; with a function, which must be synchronous, for the length of its run. */
export function scoped<T>(operation: string, run: (() => T) | undefined, begin: () => () => void): Scope | T {
  if (run !== undefined) checkFunction(run, operation);
  const end = begin();
  if (run === undefined) return { end, [Symbol.dispose]: end };
  try {
    return checkSynchronous(run(), operation) as T;
  } finally {
    end();
  }
}
