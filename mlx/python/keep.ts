import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import { objects, proxies } from './objects.ts';
import type { Remote } from './types.ts';

export interface BatchOptions {
  /** Calls that go together at most. */
  readonly size: number;
  /** Milliseconds that a call waits for others at most; 5 unless set. */
  readonly maxWaitMs?: number;
}

export interface KeepOptions {
  /** Positional arguments of the factory. */
  readonly args?: readonly unknown[];
  /** Keyword arguments of the factory. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /**
   * Collects single calls into one Python call, whose every argument is the list of what the calls gave, and whose
   * result has one item for each. An exception among the items fails that call alone; one that is raised fails all.
   */
  readonly batch?: BatchOptions;
  /** Milliseconds for the factory and for each call; unless set, `callTimeoutMs` of the configuration. */
  readonly timeoutMs?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: an object without a description is not typed.
type Untyped = any;

const OPERATION = 'mx.python.keep';
const FACTORY = /^[A-Za-z]\w*(\.[A-Za-z]\w*)*:[A-Za-z]\w*(\.[A-Za-z]\w*)*$/;

/**
 * An object that `factory`, as `module:callable`, makes once in each worker, when the worker first has a call for it, and
 * again after a restart. Calls go to the worker with the least to do. The same name gives the same object again.
 */
export function keep<T = Untyped>(name: string, factory: string, options: KeepOptions = {}): Remote<T> {
  if (typeof name !== 'string' || name === '') fail(`expected a name, received ${describeValue(name)}`);
  if (typeof factory !== 'string' || !FACTORY.test(factory)) {
    fail(`expected "module:callable" of public names for "factory", received ${describeValue(factory)}`);
  }
  const names = ['args', 'kwargs', 'batch', 'timeoutMs'] as const;
  const { args = [], kwargs = {}, batch, timeoutMs } = checkedOptions<KeepOptions>(options, names, OPERATION);
  if (!Array.isArray(args)) fail(`expected a list for "args", received ${describeValue(args)}`);
  if (timeoutMs !== undefined && !isCount(timeoutMs)) {
    fail(`expected milliseconds from 1 up for "timeoutMs", received ${describeValue(timeoutMs)}`);
  }
  const description = { factory, args, kwargs, batch: checked(batch), timeoutMs };
  return proxies.ofKept(name, objects.keep(name, description)) as unknown as Remote<T>;
}

function checked(batch: BatchOptions | undefined) {
  if (batch === undefined) return undefined;
  const { size, maxWaitMs = 5 } = checkedOptions<BatchOptions>(batch, ['size', 'maxWaitMs'], OPERATION);
  if (!isCount(size)) fail(`expected an integer from 1 up for "batch.size", received ${describeValue(size)}`);
  if (!(maxWaitMs >= 0 && maxWaitMs < 2 ** 31)) {
    fail(`expected milliseconds for "batch.maxWaitMs", received ${describeValue(maxWaitMs)}`);
  }
  return { size, maxWaitMs };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function fail(message: string): never {
  throw new ArgumentError(message, { operation: OPERATION });
}
