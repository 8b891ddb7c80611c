import { WorkerTimeoutError } from '../../foundation/errors/errors.ts';

/** What one of those who wait for the same thing allows it. */
export interface Limit {
  readonly timeoutMs: number | undefined;
  /** When the running code's deadline is over, as `performance.now()` counts. */
  readonly scoped: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The result, if it comes in time; otherwise `leave` is called, and what is waited for goes on without the caller. */
export function withLimit<T>(
  result: Promise<T>,
  limit: Limit,
  operation: string,
  leave: (reason: unknown) => void,
): Promise<T> {
  const { timeoutMs = Number.POSITIVE_INFINITY, scoped = Number.POSITIVE_INFINITY, signal } = limit;
  const left = Math.max(0, Math.min(timeoutMs, scoped - performance.now()));
  if (left === Number.POSITIVE_INFINITY && signal === undefined) return result;
  return new Promise<T>((resolve, reject) => {
    const giveUp = (reason: unknown): void => {
      end();
      leave(reason);
      reject(reason as Error);
    };
    const late = (): void => {
      const text = `no answer within ${Math.round(left)} ms`;
      giveUp(new WorkerTimeoutError(text, { operation, implementation: 'python' }));
    };
    const abort = (): void => giveUp(signal?.reason);
    const timer = left < 2 ** 31 ? setTimeout(late, left) : undefined;
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    result.finally(end).then(resolve, reject);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
