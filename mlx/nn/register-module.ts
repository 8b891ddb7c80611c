import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { randomState, registry, router } from '../../runtime/runtime.ts';
import { Module } from './module.ts';
import { continueFrom, type ModuleDescription, pythonModule, splitArguments } from './python-module.ts';

/** A class of modules. */
export type ModuleClass = new (...args: never[]) => Module;

/** What a user gives of a class of modules. */
export interface UserModule<Class extends ModuleClass = ModuleClass> {
  /** A dotted name of their own: `filters.Gabor`. */
  readonly name: string;
  /**
   * `module:class` of a `mlx.nn.Module`, or a function that makes one; the module must be allowed by
   * `configure({ pythonModules })`.
   */
  readonly python?: string;
  /** The port: a subclass of `nn.Module` with the same constructor and the same names of its parameters. */
  readonly native?: Class;
  /**
   * Whether its results depend on nothing but its arguments and its arrays, so that a call may run again after a crash.
   * Default: true.
   */
  readonly pure?: boolean;
  readonly doc?: string;
}

type Keywords = Readonly<Record<string, unknown>>;

/** The classes that were returned, by name: `instanceof` knows what they have made. */
const made = new WeakMap<object, string>();

/**
 * Adds a class of modules: one of Python's by `module:class`, a port of it, or both. It gives a class whose instances are
 * modules, whoever runs them: of Python's, as long as there is no port or a call is sent there, then of the port's.
 *
 * A module of Python's has its parameters here, by Python's names; `forward` takes what `__call__` takes. It cannot be
 * subclassed, and what it keeps besides arrays is made anew when another worker takes over.
 *
 * @throws ArgumentError for a name that is an operation of MLX, for neither `python` nor `native`, and for a port that is
 * no subclass of `nn.Module`.
 *
 * @example
 * const Gabor = registry.registerModule<typeof GaborPort>({ name: 'filters.Gabor', python: 'my_filters:Gabor' });
 * const layer = new Gabor(8, { width: 5 });
 * layer.forward(x);
 */
export function registerModule<Class extends ModuleClass = new (...args: unknown[]) => Module & AnyForward>(
  module: UserModule<Class>,
): Class {
  const operation = 'registry.registerModule';
  const {
    native,
    pure = true,
    ...rest
  } = checkedOptions<UserModule<Class>>(module, ['name', 'python', 'native', 'pure', 'doc'], operation);
  if (native !== undefined && !(typeof native === 'function' && native.prototype instanceof Module)) {
    throw new ArgumentError(`expected a subclass of nn.Module as "native", received ${describeValue(native)}`, {
      operation,
    });
  }
  const port = (args: readonly never[], keywords: Keywords) =>
    new (native as ModuleClass)(...args, ...(Object.keys(keywords).length === 0 ? [] : [keywords as never]));
  registry.addModule({ ...rest, pure, ...(native !== undefined && { native: port }) });
  const { name } = module;

  function Registered(...args: unknown[]): Module {
    if (new.target !== Registered) {
      throw new ArgumentError('expected "new" and the class itself; what it makes depends on who runs it', {
        operation: name,
      });
    }
    const instance = newModule(name, args);
    made.set(instance, name);
    return instance;
  }
  Object.defineProperty(Registered, 'name', { value: name.slice(name.lastIndexOf('.') + 1) });
  Object.defineProperty(Registered, Symbol.hasInstance, {
    value: (value: unknown) => typeof value === 'object' && value !== null && made.get(value) === name,
  });
  return Registered as unknown as Class;
}

/** `forward` of which nothing is known. */
export interface AnyForward {
  // biome-ignore lint/suspicious/noExplicitAny: What a class of Python's gives is not known here.
  forward(...args: unknown[]): any;
}

/** A module of the class of that name, made as the constructor that was returned makes it. */
export function newModule(name: string, args: readonly unknown[]): Module {
  const recipe = splitArguments(args);
  const result = router.call(router.prepare(name), [...recipe, randomState.key]);
  if (result instanceof Module) return result;
  const { module, key } = result as { module: ModuleDescription; key: Tensor | null };
  continueFrom(key);
  return pythonModule(`${name}.forward`, recipe, module);
}
