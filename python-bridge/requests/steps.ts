/** Something to wait for. */
interface Wait {
  block(): unknown;
  promise(): Promise<unknown>;
}

/** Steps that wait now and then: blocked, or in turns of the event loop, as the one who runs them chooses. */
export type Steps<T> = Generator<Wait, T, unknown>;

/** Waits one of two ways for the same. */
export function* waitFor<T>(block: () => T, promise: () => Promise<T>): Steps<T> {
  return (yield { block, promise }) as T;
}

/** Runs the steps, and blocks while they wait. */
export function runBlocking<T>(steps: Steps<T>): T {
  let next = steps.next();
  while (next.done !== true) {
    let value: unknown;
    try {
      value = next.value.block();
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(value);
  }
  return next.value;
}

/** Runs the steps in turns of the event loop. */
export async function runInTurns<T>(steps: Steps<T>): Promise<T> {
  let next = steps.next();
  while (next.done !== true) {
    let value: unknown;
    try {
      value = await next.value.promise();
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(value);
  }
  return next.value;
}
