import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';

/** Vectors of texts or of lists of tokens, and how many tokens they had together. */
export type Embed = (
  inputs: readonly (string | readonly number[])[],
  signal: AbortSignal,
) => Promise<{ readonly vectors: readonly ArrayLike<number>[]; readonly tokens: number }>;

export interface ServeOptions {
  /** The address to listen at. Default: 127.0.0.1. One that others can reach needs a `token`. */
  readonly host?: string | undefined;
  /** Default: 8080; 0: a free one. */
  readonly port?: number | undefined;
  /** What requests have to bring along as `Authorization: Bearer …`. By default nothing. */
  readonly token?: string | undefined;
  /** The name of the model, for `model` in requests. Default: the last part of its path. */
  readonly name?: string | undefined;
  /** The most tokens of a prompt. By default as many as the model was made for. */
  readonly maxPrompt?: number | undefined;
  /** The most tokens of an answer whose request does not say. Default: 512. */
  readonly defaultMaxTokens?: number | undefined;
  /** The most bytes of a request. Default: 4 MiB. */
  readonly maxBody?: number | undefined;
  /** How many answers are computed at once. Default: 8. */
  readonly maxConcurrent?: number | undefined;
  /** How many may wait for that; more are refused with status 429. Default: 64. */
  readonly maxQueue?: number | undefined;
  /** How many tokens of a prompt are computed between two tokens of other answers. Default: 256. */
  readonly prefillStepSize?: number | undefined;
  /** Of how many answers what the model has seen is kept, for prompts that begin alike. Default: 10; 0: of none. */
  readonly promptCacheSize?: number | undefined;
  /** The most bytes that are kept for that. Default: 1 GiB. */
  readonly promptCacheBytes?: number | undefined;
  /** A client that takes nothing for so many milliseconds loses its answer. Default: 60 000. */
  readonly stallTimeoutMs?: number | undefined;
  /** What answers `/v1/embeddings`; without it they are refused with status 501. */
  readonly embed?: Embed | undefined;
  /** Told of errors that are no fault of the client's. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export interface CheckedServeOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly name: string | undefined;
  readonly maxPrompt: number | undefined;
  readonly defaultMaxTokens: number;
  readonly maxBody: number;
  readonly maxConcurrent: number;
  readonly maxQueue: number;
  readonly prefillStepSize: number;
  readonly promptCacheSize: number;
  readonly promptCacheBytes: number;
  readonly stallTimeoutMs: number;
  readonly embed: Embed | undefined;
  readonly onError: (error: unknown) => void;
}

const OPERATION = 'lm.serve';
const NAMES = [
  ...(['host', 'port', 'token', 'name', 'maxPrompt', 'defaultMaxTokens', 'maxBody'] as const),
  ...(['maxConcurrent', 'maxQueue', 'prefillStepSize', 'promptCacheSize', 'promptCacheBytes'] as const),
  ...(['stallTimeoutMs', 'embed', 'onError'] as const),
];

function wrong(name: string, expected: string, value: unknown): ArgumentError {
  return new ArgumentError(`expected ${expected} for "${name}", received ${describeValue(value)}`, {
    operation: OPERATION,
  });
}

/** Addresses that only programs of the same machine reach. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(name);
}

/** What `serve` would refuse of the options, before a model is loaded. @throws ArgumentError that names the option */
export function checkServeOptions(options: ServeOptions): void {
  readServeOptions(options);
}

/** @throws ArgumentError that names the option */
export function readServeOptions(options: ServeOptions): CheckedServeOptions {
  const given = checkedOptions<ServeOptions>(options, NAMES, OPERATION);
  const text = (name: 'host' | 'token' | 'name'): string | undefined => {
    const value: unknown = given[name];
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw wrong(name, 'a text that is not empty', name === 'token' ? undefined : value);
  };
  const count = <Default extends number | undefined>(
    name: Exclude<(typeof NAMES)[number], 'host' | 'token' | 'name' | 'embed' | 'onError'>,
    otherwise: Default,
    least = 1,
    most = 2 ** 31 - 1,
  ): number | Default => {
    const value: unknown = given[name];
    if (value === undefined) return otherwise;
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    throw wrong(name, `a whole number from ${least} to ${most}`, value);
  };
  for (const name of ['embed', 'onError'] as const) {
    if (given[name] !== undefined && typeof given[name] !== 'function') throw wrong(name, 'a function', given[name]);
  }
  const host = text('host') ?? '127.0.0.1';
  const token = text('token');
  if (token === undefined && !isLoopback(host)) {
    throw new ArgumentError(
      `others can reach the address "${host}": give a "token" that requests have to bring along, or listen at 127.0.0.1`,
      { operation: OPERATION },
    );
  }
  return {
    host,
    token,
    port: count('port', 8080, 0, 65_535),
    name: text('name'),
    maxPrompt: count('maxPrompt', undefined),
    defaultMaxTokens: count('defaultMaxTokens', 512),
    maxBody: count('maxBody', 4 * 2 ** 20),
    maxConcurrent: count('maxConcurrent', 8),
    maxQueue: count('maxQueue', 64, 0),
    prefillStepSize: count('prefillStepSize', 256),
    promptCacheSize: count('promptCacheSize', 10, 0),
    promptCacheBytes: count('promptCacheBytes', 2 ** 30, 0, Number.MAX_SAFE_INTEGER),
    stallTimeoutMs: count('stallTimeoutMs', 60_000),
    embed: given.embed,
    onError: given.onError ?? (() => undefined),
  };
}
