import type { Backend } from '../../backend/backend.ts';
import { type AddedBackend, ConfigurationError, type Implementation } from '../../foundation/errors/errors.ts';

/** The two that every router has. */
export interface BuiltIn {
  readonly native: Backend;
  readonly python: Backend;
}

/** The backends of a router by name. Those that were added come before the two, in the order of their adding. */
export class Backends implements BuiltIn {
  readonly native: Backend;
  readonly python: Backend;
  readonly added: readonly Backend[];
  readonly all: readonly Backend[];

  constructor({ native, python }: BuiltIn, added: readonly Backend[] = []) {
    this.native = native;
    this.python = python;
    this.added = added;
    this.all = [native, python, ...added];
    for (const { name } of added) {
      if (name.includes('.') && this.all.filter((other) => other.name === name).length === 1) continue;
      throw new ConfigurationError(
        `expected a name of its own with a dot for an added backend, such as "my.backend", received "${name}"`,
      );
    }
  }

  get(name: Implementation): Backend {
    if (name === 'native') return this.native;
    if (name === 'python') return this.python;
    return this.added.find((backend) => backend.name === name) as Backend;
  }

  /** The names that calls, scopes and overrides may choose beside `native` and `python`. */
  get addedNames(): readonly AddedBackend[] {
    return this.added.map(({ name }) => name as AddedBackend);
  }
}
