import { inspect } from 'node:util';
import {
  type KeptAccess,
  Keywords,
  type RemoteAccess,
  type RemoteCall,
  type RemotePlace,
  type RemoteReference,
  type RemoteStep,
} from '../../backend/remote-objects.ts';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';

/** What a proxy stands for. */
export interface Target {
  readonly access: RemoteAccess;
  /** null: an object that is kept in every worker. */
  readonly reference: RemoteReference | null;
  readonly path: readonly RemoteStep[];
  /** Not read so far: awaiting it reads it. */
  readonly lazy: boolean;
  readonly title: string;
}

/** What proxies do beside attributes and calls. */
export interface Behaviour {
  access(reference: RemoteReference): RemoteAccess;
  iterate(place: RemotePlace): AsyncGenerator<unknown, void, undefined>;
  release(target: Target): void;
}

const targets = new WeakMap<object, Target>();

/** What the value stands for if it is a proxy of ours. */
export function targetOf(value: unknown): Target | undefined {
  return typeof value === 'function' ? targets.get(value) : undefined;
}

/** The place of a proxy that belongs to one worker. */
export function placeOf({ reference, path, title }: Target, operation: string): RemotePlace {
  if (reference !== null) return { reference, path };
  throw new ArgumentError(`"${title}" is kept in every worker, so it stands for no single object; call it instead`, {
    operation,
  });
}

/** A promise of what a call gives, which can be gone over as well: `for await (const token of model.stream(…))`. */
class RemotePromise<T> extends Promise<T> {
  static override get [Symbol.species]() {
    return Promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    const value: unknown = await this;
    const isIterable = typeof value === 'object' || targetOf(value) !== undefined;
    if (value === null || !isIterable || !(Symbol.iterator in (value as object) || targetOf(value) !== undefined)) {
      throw new ArgumentError(`expected something to go over, received ${describeValue(value)}`, {
        operation: 'mx.python',
      });
    }
    yield* value as AsyncIterable<unknown>;
  }
}

/** Proxies for objects in Python. The same object has the same proxy for as long as the proxy is referenced. */
export class Proxies {
  readonly #behaviour: Behaviour;
  readonly #known = new WeakMap<RemoteReference, WeakRef<object>>();
  readonly #handler: ProxyHandler<object>;

  constructor(behaviour: Behaviour) {
    this.#behaviour = behaviour;
    this.#handler = {
      get: (shell, name) => this.#property(targetOfShell(shell), name),
      apply: (shell, _, args) => call(targetOfShell(shell), args),
      construct: (shell, args) => call(targetOfShell(shell), args),
      set: (shell, name) => refuse(targetOfShell(shell), `mx.python.set(object.${String(name)}, value)`),
      deleteProperty: (shell, name) => refuse(targetOfShell(shell), `mx.python.delete(object.${String(name)})`),
      defineProperty: (shell, name) => refuse(targetOfShell(shell), `mx.python.set(object.${String(name)}, value)`),
    };
  }

  of(reference: RemoteReference): object {
    const known = this.#known.get(reference)?.deref();
    if (known !== undefined) return known;
    const access = this.#behaviour.access(reference);
    const proxy = this.#make({ access, reference, path: [], lazy: false, title: reference.title });
    this.#known.set(reference, new WeakRef(proxy));
    return proxy;
  }

  ofKept(name: string, access: KeptAccess): object {
    return this.#make({ access, reference: null, path: [], lazy: false, title: name });
  }

  /** The proxy of what is one step further, which costs nothing until it is awaited or called. */
  step(target: Target, step: RemoteStep): object {
    return this.#make({ ...target, path: [...target.path, step], lazy: true });
  }

  release(target: Target): void {
    this.#behaviour.release(target);
  }

  #make(target: Target): object {
    // Bound functions can be called and constructed, and have no property that a proxy may not hide.
    const shell = (function shell() {} as () => void).bind(undefined);
    shells.set(shell, target);
    Object.defineProperty(shell, inspect.custom, { value: () => textOf(target) });
    const proxy = new Proxy(shell, this.#handler);
    targets.set(proxy, target);
    return proxy;
  }

  #property(target: Target, name: string | symbol): unknown {
    if (typeof name === 'string') {
      if (name === 'then') return target.lazy ? thenOf(target) : undefined;
      return RESERVED.has(name) ? undefined : this.step(target, name);
    }
    switch (name) {
      case Symbol.asyncIterator:
        return () => this.#behaviour.iterate(placeOf(target, 'mx.python'));
      case Symbol.dispose:
        return () => this.#behaviour.release(target);
      case Symbol.toPrimitive:
        return () => textOf(target);
      case inspect.custom:
        return () => textOf(target);
      default:
        return undefined;
    }
  }
}

/** JavaScript asks every object for these; `mx.python.get` reads attributes of such names. */
const RESERVED: ReadonlySet<string> = new Set(['toJSON', 'constructor', 'prototype', 'toString', 'valueOf']);

const shells = new WeakMap<object, Target>();

function targetOfShell(shell: object): Target {
  return shells.get(shell) as Target;
}

function thenOf(target: Target): PromiseLike<unknown>['then'] {
  return (resolve, reject) => read(target).then(resolve, reject);
}

/** The value of a path, or the object itself. */
async function read(target: Target): Promise<unknown> {
  checkNames(target);
  return target.access.get(target.path);
}

function call(target: Target, args: readonly unknown[]): RemotePromise<unknown> {
  return new RemotePromise((resolve, reject) => {
    try {
      checkNames(target);
      target.access.invoke(target.path, splitKeywords(target, args)).then(resolve, reject);
    } catch (error) {
      reject(error);
    }
  });
}

/** `instanceof` that a proxy of the caller's cannot make throw. */
function isKeywords(value: unknown): value is Keywords {
  try {
    return value instanceof Keywords;
  } catch {
    return false;
  }
}

function splitKeywords(target: Target, args: readonly unknown[]): RemoteCall {
  const last = args.at(-1);
  const positional = isKeywords(last) ? args.slice(0, -1) : args;
  if (positional.some(isKeywords)) {
    throw new ArgumentError('expected keyword arguments behind all others', { operation: spell(target) });
  }
  if (!isKeywords(last)) return { args: positional, kwargs: {} };
  return { args: positional, kwargs: last.values, ...last.waitOptions };
}

/** Python refuses them too; here the error needs no round trip. */
function checkNames(target: Target): void {
  for (const step of target.path) {
    if (typeof step === 'string' && step.startsWith('_')) {
      throw new ArgumentError(`"${step}" is a private name, which is never reached from outside`, {
        operation: spell(target),
        implementation: 'python',
      });
    }
  }
}

function refuse(target: Target, instead: string): never {
  throw new ArgumentError(`properties of a remote object cannot be changed here; use await ${instead}`, {
    operation: spell(target),
  });
}

function spell({ title, path }: Target): string {
  return title.replace(/^(module|class|function) /, '') + path.map((step) => spellStep(step)).join('');
}

function spellStep(step: RemoteStep): string {
  return typeof step === 'string' ? `.${step}` : '[]';
}

/** Costs no round trip: Python's own `repr` might compute, fail or never end. */
function textOf(target: Target): string {
  if (target.lazy) return `[Python ${spell(target)}, to be awaited or called]`;
  if (target.reference === null) return `[Python ${target.title}, kept in every worker]`;
  return `[Python ${target.title}${target.reference.isReleased ? ', released' : ''}]`;
}
