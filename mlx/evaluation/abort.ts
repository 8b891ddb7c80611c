import { checkedOptions, checkedSignal } from '../../registry/arguments/options.ts';

export interface WaitOptions {
  /** Ends the wait when it aborts, with its reason. What was started computes on: MLX cannot stop it. */
  readonly signal?: AbortSignal | undefined;
}

/** The signal of `{ signal }`; undefined where there is none. */
export function signalIn(options: unknown, operation: string): AbortSignal | undefined {
  if (options === undefined) return undefined;
  return checkedSignal(checkedOptions<WaitOptions>(options, ['signal'], operation).signal, operation);
}

/** What is started, or the signal's reason as soon as it aborts; nothing is started after that. */
export async function untilAborted<T>(signal: AbortSignal | undefined, start: () => Promise<T>): Promise<T> {
  if (signal === undefined) return start();
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([start(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
