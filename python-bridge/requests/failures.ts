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
import type { WorkerExit } from '../io-thread/messages.ts';
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
 * The error of a call whose worker exited before it answered; `late`: because of this call, if of any; `first`: no older one
 * was in flight, so it was this one that the worker was at.
 */
export function exitError(
  exit: WorkerExit,
  call: { readonly label: string; readonly budget: number },
  late: boolean,
  first = false,
): MlxRouterError {
  const error = errorOf(exit, call, late);
  reports.set(error, { exit, suspect: first });
  return error;
}

function errorOf(
  exit: WorkerExit,
  call: { readonly label: string; readonly budget: number },
  late: boolean,
): MlxRouterError {
  const details = { operation: call.label, implementation: 'python' as const };
  if (exit.cause === 'timeout' && late) {
    const text = `no answer within ${call.budget} ms, so the Python worker was killed; ${exit.message}`;
    return new WorkerTimeoutError(withStderr(text, exit), details);
  }
  const text = withStderr(describeExit(exit), exit);
  return exit.cause === 'protocol' ? new ProtocolError(text, details) : new WorkerDiedError(text, details);
}

/** The exit of a worker that caused an error, and whether the worker was busy with that very call. */
export interface ExitReport {
  readonly exit: WorkerExit;
  readonly suspect: boolean;
}

const reports = new WeakMap<object, ExitReport>();

export function exitBehind(error: unknown): ExitReport | undefined {
  return error instanceof Error ? reports.get(error) : undefined;
}

/** One line about how a worker ended. */
export function describeExit(exit: WorkerExit): string {
  const who = exit.pid === 0 ? 'the Python worker' : `the Python worker (pid ${exit.pid})`;
  switch (exit.cause) {
    case 'spawn':
      return `${who} could not be started: ${exit.message}`;
    case 'timeout':
      return `${who} was killed because a call before this one took too long`;
    case 'protocol':
      return `${who} broke the protocol and was killed: ${exit.message}`;
    case 'unresponsive':
      return `${who} was killed: ${exit.message}`;
    case 'aborted':
      return `${who} was stopped: ${exit.message}`;
    case 'stopped':
      return `${who} was stopped`;
    case 'exit':
      return exit.signal === null
        ? `${who} ended with exit code ${exit.code ?? 'unknown'}`
        : `${who} was ended by ${exit.signal}${exit.message === '' ? '' : `; ${exit.message}`}`;
  }
}

export function withStderr(text: string, exit: WorkerExit): string {
  return exit.stderr === '' ? text : `${text}\nThe end of its stderr:\n${exit.stderr}`;
}
