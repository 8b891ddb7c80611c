import type { Operation } from '../registry/operation.ts';
import type { Tensor } from '../router/tensor.ts';
import type { CallOptions, Operand } from './types.ts';

/** Python's operators of two operands, as methods named after the operation: `a + b` is `a.add(b)`. */
const BINARY = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'floor_divide',
  'remainder',
  'power',
  'matmul',
  'equal',
  'not_equal',
  'less',
  'less_equal',
  'greater',
  'greater_equal',
  'maximum',
  'minimum',
  'bitwise_and',
  'bitwise_or',
  'bitwise_xor',
  'left_shift',
  'right_shift',
  'logical_and',
  'logical_or',
] as const;

/** Those of one: `-a` is `a.negative()`, `~a` is `a.bitwiseInvert()`. */
const UNARY = ['negative', 'bitwise_invert', 'logical_not'] as const;

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

type BinaryOperators = {
  [Name in (typeof BINARY)[number] as Camel<Name>]: (b: Operand, options?: CallOptions) => Tensor;
};
type UnaryOperators = { [Name in (typeof UNARY)[number] as Camel<Name>]: (options?: CallOptions) => Tensor };

export interface ArrayOperators extends BinaryOperators, UnaryOperators {}

const NAMES: ReadonlySet<string> = new Set([...BINARY, ...UNARY]);

export function isOperator(operation: Operation): boolean {
  return operation.namespace === '' && NAMES.has(operation.name);
}
