/** What is to happen when a function is done, or the promise that it returned has settled. */
interface Afterwards<T> {
  /** `isAwaited`: the result was a promise, which a promise that this returns holds back. */
  readonly done?: (value: T, isAwaited: boolean) => void | Promise<void>;
  /** What it throws takes the place of the error. */
  readonly failed?: (error: unknown) => void;
}

/** Runs the function, and gives its result or its error as they are, once the rest is done. */
export function afterwards<T>(run: () => T, after: Afterwards<Awaited<T>>): T {
  let result: T;
  try {
    result = run();
  } catch (error) {
    after.failed?.(error);
    throw error;
  }
  if (result instanceof Promise) return later(result, after) as T;
  after.done?.(result as Awaited<T>, false);
  return result;
}

async function later<T>(result: Promise<T>, { done, failed }: Afterwards<T>): Promise<T> {
  let value: T;
  try {
    value = await result;
  } catch (error) {
    failed?.(error);
    throw error;
  }
  await done?.(value, true);
  return value;
}

/** Runs the function. What it throws, or its promise rejects with, goes to `rescue`, whose result takes its place. */
export function rescued<T>(run: () => T, rescue: (error: unknown) => T): T {
  let result: T;
  try {
    result = run();
  } catch (error) {
    return rescue(error);
  }
  return result instanceof Promise ? (result.catch(rescue) as T) : result;
}
