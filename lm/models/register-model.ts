import { ArgumentError } from '../../foundation/errors/errors.ts';
import * as nn from '../../mlx/nn/index.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import type { ConfigFields } from '../config/fields.ts';
import type { CausalModel } from './model.ts';
import { addArchitecture } from './registry.ts';

/** What a user gives of an architecture. */
export interface UserArchitecture {
  /** The `model_type` of its configs. */
  readonly name: string;
  /** Other values of `model_type` that are the same architecture. */
  readonly also?: readonly string[];
  /** Its class: a subclass of `nn.Module` that is made of the fields of a config. */
  readonly native: new (
    config: ConfigFields,
  ) => CausalModel;
  readonly doc?: string;
}

const OPERATION = 'lm.registerModel';

const isName = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z_][\w.-]*$/.test(value);

/**
 * Adds an architecture that is written in TypeScript, or replaces one: models with that `model_type` run in this process
 * from then on, and nothing changes for whoever loads them.
 * @throws ArgumentError for a name that is none, and for a class that is no subclass of `nn.Module`
 *
 * @example
 * lm.registerModel({ name: 'olmo2', native: Olmo2 });
 * const model = await lm.load('allenai/OLMo-2-0425-1B-Instruct');
 */
export function registerModel(architecture: UserArchitecture): void {
  const names = ['name', 'also', 'native', 'doc'] as const;
  const { name, also = [], native, doc } = checkedOptions<UserArchitecture>(architecture, names, OPERATION);
  const refuse = (expected: string, value: unknown) => {
    throw new ArgumentError(`expected ${expected}, received ${describeValue(value)}`, { operation: OPERATION });
  };
  if (!isName(name)) refuse('the "model_type" of configs as "name"', name);
  if (!Array.isArray(also) || !also.every(isName)) refuse('a list of values of "model_type" as "also"', also);
  if (!(typeof native === 'function' && native.prototype instanceof nn.Module)) {
    refuse('a subclass of nn.Module as "native"', native);
  }
  if (doc !== undefined && typeof doc !== 'string') refuse('a string as "doc"', doc);
  addArchitecture({ name, also, native, ...(doc !== undefined && { doc }) });
}
