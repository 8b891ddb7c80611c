import {
  ArgumentError,
  ConfigurationError,
  type MlxRouterError,
  OperationError,
  ProtocolError,
  PythonError,
  UnsupportedOperationError,
  WorkerDiedError,
  WorkerTimeoutError,
} from '../../foundation/errors/errors.ts';
import type { Death } from '../io-thread/messages.ts';
import type { Header } from '../wire/msgpack.ts';

/** The request that evaluates, for errors of the worker. */
export const EVAL_LABEL = 'mx.eval';

/**
 * The typed error of an ERROR frame; MLX's own text is kept as it is, since the native backend gives the same.
 * `origin`: what a JavaScript function threw and Python made another error of.
 */
export function workerError(header: Header, operation: string | undefined, origin?: unknown): MlxRouterError {
  const text = (field: string): string => String(header[field] ?? '');
  const message = text('message');
  const traceback = text('traceback');
  const details = { operation, implementation: 'python' as const };
  const pythonClass = text('class');
  if (header['kind'] === 'user') {
    return new PythonError(`${pythonClass}: ${message}`, traceback, { ...details, pythonClass, cause: origin });
  }
  const cause = new PythonError(`${pythonClass}: ${message}`, traceback, { pythonClass });
  switch (header['kind']) {
    case 'unresolved':
      return new UnsupportedOperationError(message, { ...details, cause });
    case 'refused':
      return new ConfigurationError(`${message}; see "pythonModules" of the configuration`, { ...details, cause });
    case 'private':
      return new ArgumentError(message, { ...details, cause });
    case 'result':
      return new PythonError(message, traceback, { ...details, pythonClass });
    case 'protocol':
      return new ProtocolError(message, { ...details, cause });
    default:
      return new OperationError(message, { ...details, cause });
  }
}

/**
 * The error of a call whose worker died before it answered; `late`: because of this call, if of any; `first`: no older one
 * was in flight, so it was this one that the worker was at.
 */
export function deathError(
  death: Death,
  call: { readonly label: string; readonly budget: number },
  late: boolean,
  first = false,
): MlxRouterError {
  const error = errorOf(death, call, late);
  fates.set(error, { death, suspect: first });
  return error;
}

function errorOf(
  death: Death,
  call: { readonly label: string; readonly budget: number },
  late: boolean,
): MlxRouterError {
  const details = { operation: call.label, implementation: 'python' as const };
  if (death.cause === 'timeout' && late) {
    const text = `no answer within ${call.budget} ms, so the Python worker was killed; ${death.message}`;
    return new WorkerTimeoutError(withStderr(text, death), details);
  }
  const text = withStderr(describeDeath(death), death);
  return death.cause === 'protocol' ? new ProtocolError(text, details) : new WorkerDiedError(text, details);
}

/** A worker's death behind an error, and whether it was at work on that very call. */
export interface Fate {
  readonly death: Death;
  readonly suspect: boolean;
}

const fates = new WeakMap<object, Fate>();

export function deathBehind(error: unknown): Fate | undefined {
  return error instanceof Error ? fates.get(error) : undefined;
}

/** One line about how a worker ended. */
export function describeDeath(death: Death): string {
  const who = death.pid === 0 ? 'the Python worker' : `the Python worker (pid ${death.pid})`;
  switch (death.cause) {
    case 'spawn':
      return `${who} could not be started: ${death.message}`;
    case 'timeout':
      return `${who} was killed because a call before this one took too long`;
    case 'protocol':
      return `${who} broke the protocol and was killed: ${death.message}`;
    case 'unresponsive':
      return `${who} was killed: ${death.message}`;
    case 'aborted':
      return `${who} was stopped: ${death.message}`;
    case 'stopped':
      return `${who} was stopped`;
    case 'exit':
      return death.signal === null
        ? `${who} ended with exit code ${death.code ?? 'unknown'}`
        : `${who} was ended by ${death.signal}${death.message === '' ? '' : `; ${death.message}`}`;
  }
}

export function withStderr(text: string, death: Death): string {
  return death.stderr === '' ? text : `${text}\nThe end of its stderr:\n${death.stderr}`;
}
