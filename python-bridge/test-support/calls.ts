import type { Argument, Result } from '../../foundation/values/values.ts';
import type { Operation } from '../../registry/operation.ts';
import * as kinds from '../../registry/parameters.ts';
import type { PythonBackend } from '../index.ts';

export function row(
  name: string,
  python: string,
  parameters: Operation['parameters'],
  rest: Partial<Operation> = {},
): Operation {
  return {
    name,
    namespace: '',
    family: 'unary',
    parameters,
    result: 'array',
    doc: '',
    python,
    native: null,
    method: false,
    sample: { generator: 'none', dtypes: 'float', values: 'any' },
    ...rest,
  };
}

export const ADD = row('add', 'mlx.core:add', [kinds.operand('a'), kinds.operand('b')]);
export const RESHAPE = row('reshape', 'mlx.core:reshape', [kinds.array('a'), kinds.shape('shape')]);

/** A user's operation over a function of `bridge_functions.py`, as the registry makes them. */
export function own(name: string, python = `bridge_functions:${name}`): Operation {
  return row(`own.${name}`, python, [kinds.any('args', undefined, { variadic: true })], {
    family: 'user',
    anyKeyword: true,
    result: 'any',
  });
}

export function run(made: PythonBackend, operation: Operation, ...args: Argument[]): Result {
  return made.prepare(operation).run(args, { stream: undefined });
}

export function runAsync(made: PythonBackend, operation: Operation, ...args: Argument[]): Promise<Result> {
  return made.prepare(operation).runAsync(args, { stream: undefined });
}
