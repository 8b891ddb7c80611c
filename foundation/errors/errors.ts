/** The name of a backend that a router was given beside the two; it has a dot, as users' operations have. */
export type AddedBackend = `${string}.${string}`;
export type BuiltInBackend = 'native' | 'python';
export type Implementation = BuiltInBackend | AddedBackend;

export interface ErrorDetails {
  /** The operation's qualified public name, for example `mx.linalg.qr`. */
  readonly operation?: string | undefined;
  /** The backend that ran it, once one was chosen. */
  readonly implementation?: Implementation | undefined;
  readonly cause?: unknown;
}

/** The root of every error that this library throws. `code` is API; the text is not. */
export class MlxRouterError extends Error {
  readonly code: string;
  readonly operation: string | undefined;
  readonly implementation: Implementation | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    // Who makes an error has trouble enough: whatever comes, this does not throw.
    const { operation, implementation, cause } = details ?? {};
    const text = textOf(message);
    super(
      operation === undefined ? text : `${textOf(operation)}: ${text}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = new.target.name;
    this.code = code;
    this.operation = operation;
    this.implementation = implementation;
  }
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  try {
    return message === undefined ? '' : String(message);
  } catch {
    return 'an error without a text';
  }
}

function errorClass(code: string) {
  return class extends MlxRouterError {
    constructor(message: string, details: ErrorDetails = {}) {
      super(code, message, details);
    }
  };
}

/** A wrong argument: type, range, count, unknown key. Found before any backend is asked. */
export class ArgumentError extends errorClass('ERR_MLX_ARGUMENT') {}
/** MLX itself refused the call: shapes that do not fit, a dtype without a kernel. */
export class OperationError extends errorClass('ERR_MLX_OPERATION') {}
/** A tensor used after `dispose`, or after the `tidy` scope that made it. */
export class DisposedError extends errorClass('ERR_MLX_DISPOSED') {}
/** The forced backend does not have the operation. */
export class UnsupportedOperationError extends errorClass('ERR_MLX_UNSUPPORTED_OPERATION') {}
/** The backend is not there at all: no addon built, no Python found. */
export class BackendUnavailableError extends errorClass('ERR_MLX_BACKEND_UNAVAILABLE') {}
/** The pinned versions do not belong together. */
export class VersionMismatchError extends errorClass('ERR_MLX_VERSION') {}
/** A Python worker exited; the message ends with the last lines of its stderr. */
export class WorkerDiedError extends errorClass('ERR_MLX_WORKER_DIED') {}
/** A Python worker did not answer within the call's budget and was killed. */
export class WorkerTimeoutError extends errorClass('ERR_MLX_TIMEOUT') {}
/** More calls wait for Python workers than `maxQueue` allows. */
export class QueueFullError extends errorClass('ERR_MLX_QUEUE_FULL') {}
/** Bytes on the pipe that are no frame of the protocol. */
export class ProtocolError extends errorClass('ERR_MLX_PROTOCOL') {}
/** The tensor was held only by a worker that has exited. */
export class TensorLostError extends errorClass('ERR_MLX_TENSOR_LOST') {}
/** A wrong setting in `configure`, or in an environment variable. */
export class ConfigurationError extends errorClass('ERR_MLX_CONFIGURATION') {}
/** A file that cannot be read, or is not what it says it is. */
export class FileError extends errorClass('ERR_MLX_FILE') {}
/** A process of the group has ended, or did not join it. The group cannot be used any more. */
export class DistributedError extends errorClass('ERR_MLX_DISTRIBUTED') {}

/** Python raised; `traceback` is its own text, `pythonClass` the class of the exception, without its module. */
export class PythonError extends MlxRouterError {
  readonly traceback: string;
  readonly pythonClass: string;

  constructor(message: string, traceback = '', details: ErrorDetails & { readonly pythonClass?: string } = {}) {
    super('ERR_MLX_PYTHON', message, details);
    this.traceback = traceback;
    this.pythonClass = details?.pythonClass ?? 'Exception';
  }
}
