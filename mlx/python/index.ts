/** Python's own objects, from modules that the configuration allows. See docs/remote-objects.md. */

import { Keywords, PythonValue, type RemoteLook } from '../../backend/remote-objects.ts';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { isListUpTo } from '../../registry/arguments/long-lists.ts';
import { checkedOptions, checkedWaitOptions, type WaitOptions } from '../../registry/arguments/options.ts';
import { untilAborted } from '../evaluation/abort.ts';
import { expectPlace, objects, proxies } from './objects.ts';
import { targetOf } from './proxy.ts';
import type { Path, Remote, RemoteIterable, Value } from './types.ts';

export { type BatchOptions, type KeepOptions, keep } from './keep.ts';
export type { Answer, ByValue, Path, Remote, RemoteIterable, Value } from './types.ts';
export type { Keywords, PythonValue, WaitOptions };

export interface ImportOptions extends WaitOptions {
  /** In the worker of this object; without it where the modules before are. */
  readonly beside?: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: a module without a description is not typed.
type Untyped = any;

/**
 * Imports a Python module that `pythonModules` allows; `mlx` always is. Gives a remote object: `py.name` is a path that
 * costs nothing until it is awaited (which reads it) or called. `T` describes the module with the signatures it has there.
 * @throws ConfigurationError for a module that is not allowed; PythonError if the import fails.
 */
async function importModule<T = Untyped>(module: string, options: ImportOptions = {}): Promise<Remote<T>> {
  const operation = 'mx.python.import';
  if (typeof module !== 'string') {
    throw new ArgumentError(`expected the name of a module, received ${describeValue(module)}`, { operation });
  }
  const { beside, ...rest } = checkedOptions<ImportOptions>(options, ['beside', 'timeoutMs', 'signal'], operation);
  const waitOptions = checkedWaitOptions(rest, operation);
  const place = beside === undefined ? undefined : expectPlace(beside, operation);
  const begin = () => objects.import(module, place?.reference, waitOptions);
  return proxies.of(await untilAborted(waitOptions.signal, begin)) as Remote<T>;
}

/**
 * Keyword arguments, behind the positional ones: `model.generate(prompt, mx.python.kwargs({ max_tokens: 9 }))`. The options
 * are the call's: its own time in place of `callTimeoutMs`, and a signal that ends the wait for it.
 */
export function kwargs(values: Readonly<Record<string, unknown>>, options: WaitOptions = {}): Keywords {
  const operation = 'mx.python.kwargs';
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new ArgumentError(`expected an object of keyword arguments, received ${describeValue(values)}`, {
      operation,
    });
  }
  const checked = checkedOptions<WaitOptions>(options, ['timeoutMs', 'signal'], operation);
  return new Keywords({ ...values }, checkedWaitOptions(checked, operation));
}

const MOST_ITEMS = 2 ** 22;

/** A tuple, where Python does not take a list. */
export function tuple(items: readonly unknown[]): PythonValue {
  if (isListUpTo(MOST_ITEMS, items)) return new PythonValue('tuple', [...items]);
  throw new ArgumentError(`expected a list, received ${describeValue(items)}`, { operation: 'mx.python.tuple' });
}

/** A float, even if the number is whole: `2` itself would be an int. */
export function float(value: number): PythonValue {
  if (typeof value === 'number') return new PythonValue('float', value);
  throw new ArgumentError(`expected a number, received ${describeValue(value)}`, { operation: 'mx.python.float' });
}

/** A NumPy array of an array's values, a typed array's, or of nested lists. bfloat16 becomes float32. */
export function numpy(value: unknown): PythonValue {
  return new PythonValue('numpy', value);
}

/** The path to an item: `mx.python.item(model.layers, 0)`, to be awaited, called, or gone on from. */
export function item<T = Untyped>(object: unknown, key: unknown): Path<T> {
  return proxies.step(expectTarget(object, 'mx.python.item'), { key }) as unknown as Path<T>;
}

/** The path to an attribute whose name JavaScript keeps for itself, such as `then`. */
export function get<T = Untyped>(object: unknown, name: string): Path<T> {
  if (typeof name === 'string') return proxies.step(expectTarget(object, 'mx.python.get'), name) as unknown as Path<T>;
  throw new ArgumentError(`expected a name, received ${describeValue(name)}`, { operation: 'mx.python.get' });
}

/** Sets an attribute or an item: `await mx.python.set(model.temperature, 0.5)`. */
export async function set<T>(path: Path<T> | T, value: unknown): Promise<void> {
  await objects.set(expectSteps(path, 'mx.python.set'), value);
}

/** Deletes an attribute or an item. */
async function remove(path: unknown): Promise<void> {
  await objects.delete(expectSteps(path, 'mx.python.delete'));
}

function look<T>(how: RemoteLook): (object: unknown) => Promise<T> {
  return async (object) => (await objects.look(expectPlace(object, `mx.python.${how}`), how)) as T;
}

/** Python's own text of the object, `repr`. */
export const repr = look<string>('repr');
/** Python's own text of the object, `str`. */
export const str = look<string>('str');
/** How many items it has. */
export const len = look<number>('len');
/** Whether Python takes it for true. */
export const bool = look<boolean>('bool');
/** The names of its public attributes. */
export const dir = look<string[]>('dir');

/** `timeoutMs` and `signal` are those of each request. */
export interface IterateOptions extends WaitOptions {
  /** Items that one request may bring. More than 1 lets a generator run ahead. */
  readonly prefetch?: number;
  /** Milliseconds after which a request brings what is there; at least one item. */
  readonly maxWaitMs?: number;
}

/** Goes over what is iterable in Python; `for await (const item of object)` does so one by one. */
export function iterate<T = Untyped>(
  object: RemoteIterable<T> | unknown,
  options: IterateOptions = {},
): AsyncGenerator<Value<T>, void, undefined> {
  const operation = 'mx.python.iterate';
  const names = ['prefetch', 'maxWaitMs', 'timeoutMs', 'signal'] as const;
  const { prefetch = 1, maxWaitMs = 10, ...rest } = checkedOptions<IterateOptions>(options, names, operation);
  const waitOptions = checkedWaitOptions(rest, operation);
  if (!Number.isInteger(prefetch) || prefetch < 1) {
    throw new ArgumentError(`expected an integer from 1 up for "prefetch", received ${describeValue(prefetch)}`, {
      operation,
    });
  }
  if (typeof maxWaitMs !== 'number' || !(maxWaitMs >= 0)) {
    throw new ArgumentError(`expected milliseconds for "maxWaitMs", received ${describeValue(maxWaitMs)}`, {
      operation,
    });
  }
  const place = expectPlace(object, operation);
  return objects.iterate(place, { count: prefetch, ms: maxWaitMs, ...waitOptions }) as AsyncGenerator<
    Value<T>,
    void,
    undefined
  >;
}

/** Lets the object go now; `using` does so at the end of the block. A later use is a DisposedError. */
export function release(object: unknown): void {
  const target = expectTarget(object, 'mx.python.release');
  proxies.release(target);
}

/** Whether the value stands for an object in Python. */
export function isRemote(value: unknown): boolean {
  return targetOf(value) !== undefined;
}

function expectTarget(object: unknown, operation: string) {
  const target = targetOf(object);
  if (target !== undefined) return target;
  throw new ArgumentError(`expected a remote object, received ${describeValue(object)}`, { operation });
}

function expectSteps(path: unknown, operation: string) {
  const place = expectPlace(path, operation);
  if (place.path.length > 0) return place;
  throw new ArgumentError('expected a path from an object, such as object.name', { operation });
}

export { importModule as import, remove as delete };
