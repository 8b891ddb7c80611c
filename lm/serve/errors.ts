import {
  ArgumentError,
  DisposedError,
  MlxRouterError,
  QueueFullError,
  UnsupportedOperationError,
} from '../../foundation/errors/errors.ts';

interface ApiErrorDetails {
  readonly type?: string;
  /** The field of the request that is wrong. */
  readonly param?: string | null;
  readonly code?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** What a request is refused with: a status, and the fields of OpenAI's error object. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, details: ApiErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ApiError';
    this.status = status;
    this.type = details.type ?? (status < 500 ? 'invalid_request_error' : 'server_error');
    this.param = details.param ?? null;
    this.code = details.code ?? null;
    this.headers = details.headers ?? {};
  }

  /** The body of the answer. */
  get body(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}

/** A field of the body that is wrong. */
export function wrongField(param: string, message: string, code = 'invalid_value'): ApiError {
  return new ApiError(400, message, { param, code });
}

export function shuttingDown(): ApiError {
  return new ApiError(503, 'the server is shutting down', {
    code: 'shutting_down',
    headers: { connection: 'close', 'retry-after': '1' },
  });
}

/** By the codes of Fastify's errors: ours, and what to say where its own words do not help. */
const FRAMEWORK: Readonly<Record<string, readonly [code: string, message?: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'expected a body with the content type application/json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json', 'expected a body of JSON, received none'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_json', 'the body is no JSON'],
};

/** The error with another text. */
export function reworded({ status, type, param, code, headers, cause }: ApiError, message: string): ApiError {
  return new ApiError(status, message, { type, param, code, headers, cause });
}

/** The status and the words for whatever went wrong. What is no fault of the caller's does not tell of the inside. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ArgumentError) return new ApiError(400, error.message, { code: 'invalid_value', cause: error });
  if (error instanceof QueueFullError) {
    return new ApiError(429, error.message, {
      type: 'rate_limit_error',
      code: 'queue_full',
      headers: { 'retry-after': '1' },
      cause: error,
    });
  }
  if (error instanceof DisposedError) return shuttingDown();
  if (error instanceof UnsupportedOperationError) return new ApiError(501, error.message, { cause: error });
  if (error instanceof MlxRouterError) return new ApiError(500, error.message, { code: error.code, cause: error });
  const { statusCode, code } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly statusCode?: unknown;
    readonly code?: unknown;
  };
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) {
    return new ApiError(500, 'the server failed to answer', { cause: error });
  }
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof SyntaxError) {
    return new ApiError(400, `the body is no JSON: ${text}`, { code: 'invalid_json', cause: error });
  }
  const known = typeof code === 'string' ? FRAMEWORK[code] : undefined;
  return new ApiError(statusCode, known?.[1] ?? text, { code: known?.[0] ?? null, cause: error });
}
