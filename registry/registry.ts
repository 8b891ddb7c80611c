import { ArgumentError } from '../foundation/errors/errors.ts';
import { describeValue } from './arguments/describe.ts';
import { checkedOptions } from './arguments/options.ts';
import { CATALOGUE } from './catalogue/index.ts';
import { type ModelRow, modelOperation } from './models.ts';
import { camelCase, didYouMean } from './naming.ts';
import { type Operation, qualifiedName } from './operation.ts';
import { any } from './parameters.ts';
import { type Rules, rulesOf } from './rules.ts';

/** The public name, as errors and documentation write it: `mx.linalg.svd`, `mx.expandDims`. */
export function publicName(operation: Pick<Operation, 'name' | 'namespace' | 'family'>): string {
  const name = qualifiedName(operation);
  return operation.family === 'user' || operation.family === 'model'
    ? name
    : `mx.${name.split('.').map(camelCase).join('.')}`;
}

/** What a user gives of an operation of their own; with rules transforms go through it natively. */
export interface UserOperation extends Rules {
  /** A dotted name of their own: `tda.persistence`. */
  readonly name: string;
  /** `module:function`; the module must be allowed by `configure({ pythonModules })`. */
  readonly python?: string;
  /** The port: takes what the caller passes, gives tensors or plain data. */
  readonly native?: (...args: never[]) => unknown;
  /** The Python function gives the same for the same arguments and does nothing else: it may run again after a crash. */
  readonly pure?: boolean;
  readonly doc?: string;
}

const FIELDS = ['name', 'python', 'native', 'pure', 'doc', 'vjp', 'jvp'] as const;

/** Which operations there are: the catalogue's and the user's; and which architectures of models. */
export class Registry {
  readonly #operations = new Map<string, Operation>();
  readonly #functions = new Map<string, (...args: unknown[]) => unknown>();
  readonly #rules = new Map<string, Rules>();
  /** Rows of kind `model`, by every value of `model_type` that means them. */
  readonly #models = new Map<string, Operation>();
  #listeners: ((operation: Operation) => void)[] = [];

  constructor(catalogue: readonly Operation[] = CATALOGUE) {
    for (const operation of catalogue) this.#operations.set(qualifiedName(operation), operation);
  }

  all(): Operation[] {
    return [...this.#operations.values()].filter(({ family }) => family !== 'model');
  }

  /** The architectures of language models: those that `mlx-router/lm` has added, and the user's. */
  models(): Operation[] {
    return [...this.#operations.values()].filter(({ family }) => family === 'model');
  }

  /** The architecture that a `model_type` means. */
  findModel(modelType: string): Operation | undefined {
    return this.#models.get(modelType);
  }

  /** Adds an architecture, or replaces one, whose other names then mean the new one, too. */
  addModel(row: ModelRow): Operation {
    const operation = modelOperation(row);
    this.#operations.set(operation.name, operation);
    for (const name of [row.name, ...(row.also ?? []), ...this.#namesOf(operation.name)])
      this.#models.set(name, operation);
    if (row.native === undefined) this.#functions.delete(operation.name);
    else this.#functions.set(operation.name, row.native);
    for (const listener of this.#listeners) listener(operation);
    return operation;
  }

  #namesOf(operation: string): string[] {
    return [...this.#models].filter(([, { name }]) => name === operation).map(([name]) => name);
  }

  find(name: string): Operation | undefined {
    return this.#operations.get(name);
  }

  /** The operation of that qualified name; an ArgumentError with a suggestion if there is none. */
  get(name: string): Operation {
    const operation = this.#operations.get(name);
    if (operation === undefined) {
      if (typeof name !== 'string')
        throw new ArgumentError(`expected an operation's name, received ${describeValue(name)}`);
      throw new ArgumentError(`no operation is named "${name}"${didYouMean(name, this.#operations.keys())}`);
    }
    return operation;
  }

  /** The JavaScript port of a user's operation, if it has one. */
  portOf(operation: Operation): ((...args: unknown[]) => unknown) | undefined {
    return this.#functions.get(qualifiedName(operation));
  }

  /** How transforms go through a user's operation that is not ported, if the user has said so. */
  rulesFor(operation: Operation): Rules | undefined {
    return this.#rules.get(qualifiedName(operation));
  }

  /** Adds a user's operation, or replaces one: a port added later takes over from then on. */
  add(user: UserOperation): Operation {
    if (typeof user !== 'object' || user === null) {
      throw new ArgumentError(`registry.register: expected an object, received ${describeValue(user)}`);
    }
    checkedOptions<UserOperation>(user, FIELDS, 'registry.register');
    return this.#add(user);
  }

  /**
   * Adds a class of modules, or replaces one: its name is the operation that makes a module, and has the port; with
   * `.forward` behind it it is the one that runs a module which Python has.
   */
  addModule(module: UserOperation): void {
    this.#add(module, 'create');
    const { name, python, pure = false } = module;
    if (python !== undefined) this.#add({ name: `${name}.forward`, python, pure }, 'forward');
  }

  #add(user: UserOperation, module?: 'create' | 'forward'): Operation {
    const { name, python, native, pure = false, doc } = user;
    if (typeof name !== 'string' || !/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(name)) {
      throw new ArgumentError(
        `registry.register: expected a dotted "name" such as "tda.persistence", received ${describeValue(name)}`,
      );
    }
    const known = this.#operations.get(name);
    if (known !== undefined && known.family !== 'user') {
      throw new ArgumentError(`registry.register: "${name}" is an operation of MLX; take a name of your own`);
    }
    if (
      python !== undefined &&
      !(typeof python === 'string' && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(python))
    ) {
      throw new ArgumentError(
        `registry.register: expected "python" as "module:function", received ${describeValue(python)}`,
      );
    }
    if (native !== undefined && typeof native !== 'function') {
      throw new ArgumentError(`registry.register: expected "native" to be a function, received ${typeof native}`);
    }
    if (python === undefined && native === undefined) {
      throw new ArgumentError(`registry.register: "${name}" needs "python", "native" or both`);
    }
    if (doc !== undefined && typeof doc !== 'string') {
      throw new ArgumentError(`registry.register: expected "doc" to be a string, received ${describeValue(doc)}`);
    }
    if (typeof pure !== 'boolean') {
      throw new ArgumentError(`registry.register: expected "pure" to be a boolean, received ${describeValue(pure)}`);
    }
    const rules = rulesOf(user, 'registry.register');
    const operation: Operation = {
      name,
      namespace: '',
      family: 'user',
      pure,
      ...(module !== undefined && { module }),
      parameters: [any('args', undefined, { variadic: true })],
      anyKeyword: true,
      result: 'any',
      doc: doc ?? '',
      python: python ?? null,
      native: null,
      ...(native === undefined ? { nativeReason: 'not ported yet' } : {}),
      method: false,
      sample: { generator: 'none', dtypes: 'float', values: 'any' },
    };
    this.#operations.set(name, operation);
    if (native === undefined) this.#functions.delete(name);
    else this.#functions.set(name, native as (...args: unknown[]) => unknown);
    if (rules === undefined) this.#rules.delete(name);
    else this.#rules.set(name, rules);
    for (const listener of this.#listeners) listener(operation);
    return operation;
  }

  /** Calls the listener whenever a user's operation is added or replaced. */
  onAdd(listener: (operation: Operation) => void): void {
    this.#listeners.push(listener);
  }
}
