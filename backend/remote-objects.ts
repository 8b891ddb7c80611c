import type { Dtype } from '../foundation/values/dtypes.ts';
import type { Session } from '../foundation/values/session.ts';
import type { Handle } from '../foundation/values/values.ts';
import type { WaitOptions } from '../registry/arguments/options.ts';

/** An object that a Python worker holds. Drop it and the worker lets the object go. */
export interface RemoteReference {
  /** What it is, for people: `module mlx_lm`, `my_package.Model`. */
  readonly title: string;
  /** The worker's place in the pool. */
  readonly worker: number;
  /** Given back by hand. */
  readonly isReleased: boolean;
}

/** A string is an attribute, an object an item. */
export type RemoteStep = string | { readonly key: unknown };

/** What a path from an object leads to. */
export interface RemotePlace {
  readonly reference: RemoteReference;
  readonly path: readonly RemoteStep[];
}

/** What the bridge has to know of the values that it sends. */
export interface RemotePort {
  /** The place that the value stands for; undefined: it stands for none. */
  placeOf(value: object): RemotePlace | undefined;
  /** A tensor's handle at the Python side, made by `create` if it has none; undefined: the value is no tensor. */
  handleOf(
    value: object,
    create: (bytes: Uint8Array, shape: readonly number[], dtype: Dtype) => Handle,
  ): Handle | undefined;
  /** What stands for a tensor that came. */
  tensor(handle: Handle): unknown;
  /** What stands for an object that came. */
  object(reference: RemoteReference): unknown;
}

/** A call of a remote function. */
export interface RemoteCall extends WaitOptions {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

export type RemoteLook = 'repr' | 'str' | 'len' | 'bool' | 'dir';

/** How items of an iteration are fetched: so many at once, or those that are there after so many milliseconds. */
export interface Prefetch extends WaitOptions {
  readonly count: number;
  readonly ms: number;
}

/** Where attributes are read and functions called: an object, or one like it in each worker. */
export interface RemoteAccess {
  get(path: readonly RemoteStep[]): Promise<unknown>;
  invoke(path: readonly RemoteStep[], call: RemoteCall): Promise<unknown>;
}

/** Objects of the Python workers. Everything rejects with subclasses of `MlxRouterError` and nothing else. */
export interface RemoteObjects {
  /** Imports the module where `beside` is, or else where the modules before it are. */
  import(module: string, beside: RemoteReference | undefined, waitOptions: WaitOptions): Promise<RemoteReference>;
  access(reference: RemoteReference): RemoteAccess;
  set(place: RemotePlace, value: unknown): Promise<void>;
  delete(place: RemotePlace): Promise<void>;
  look(place: RemotePlace, how: RemoteLook): Promise<unknown>;
  iterate(place: RemotePlace, prefetch: Prefetch): AsyncGenerator<unknown, void, undefined>;
  release(reference: RemoteReference): void;
  /** The object is kept after the end of that session, if it belongs to it: in the one outside, or until it is dropped. */
  outlive(reference: RemoteReference, session: Session): void;
  /** What the factory makes, once in each worker, under that name. */
  keep(name: string, description: KeptDescription): KeptAccess;
  /** References held here, and kept objects by name. */
  readonly size: number;
}

export interface KeptDescription {
  /** `module:callable`. */
  readonly factory: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Single calls are collected: so many, or those that came within so many milliseconds. */
  readonly batch: { readonly size: number; readonly maxWaitMs: number } | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface KeptAccess extends RemoteAccess {
  /** Lets the object go in every worker, and forgets the name. */
  release(): void;
  readonly isReleased: boolean;
}

/** Keyword arguments, behind the positional ones; a plain object there would be a dict. */
export class Keywords {
  readonly values: Readonly<Record<string, unknown>>;
  readonly waitOptions: WaitOptions;

  constructor(values: Readonly<Record<string, unknown>>, waitOptions: WaitOptions) {
    this.values = values;
    this.waitOptions = waitOptions;
  }
}

/** A value that Python shall get as another type than the usual one. */
export class PythonValue {
  readonly as: 'tuple' | 'float' | 'numpy';
  readonly value: unknown;

  constructor(as: PythonValue['as'], value: unknown) {
    this.as = as;
    this.value = value;
  }
}
