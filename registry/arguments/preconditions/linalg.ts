import { describeValue } from '../describe.ts';
import { isCount, type Precondition } from './precondition.ts';

export const tensordotAxes: Precondition = (given) => {
  const axes: unknown = given.value('axes');
  const isList = (list: unknown) => Array.isArray(list) && list.every(Number.isInteger);
  if (isCount(axes) || (Array.isArray(axes) && axes.length === 2 && axes.every(isList))) return undefined;
  return `expected a count, or one list of axes for each array, for "axes", received ${describeValue(axes)}`;
};

export const order: Precondition = (given) => {
  const value = given.value('ord');
  if (value === null || typeof value === 'number' || typeof value === 'string') return undefined;
  return `expected a number or a word such as "fro" for "ord", received ${describeValue(value)}`;
};

/** MLX divides by the elements of one matrix to count the matrices. */
export const nonEmptyMatrix: Precondition = (given) => {
  const shape = given.shape('a');
  return shape.length >= 2 && shape.slice(-2).includes(0)
    ? `expected a matrix with at least one element for "a", received the shape [${shape}]`
    : undefined;
};

export const asciiSubscripts: Precondition = (given) => {
  const subscripts = String(given.value('subscripts'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII, which MLX judges itself
  return /^[\x00-\x7f]*$/.test(subscripts)
    ? undefined
    : `expected letters of ASCII, commas, "..." and "->" for "subscripts", received ${describeValue(subscripts)}`;
};

/** The derivatives of its steps count by dividing by the elements. */
export const filledOperands: Precondition = (given) => {
  if (!given.traced) return undefined;
  const operands = given.value('operands') as readonly object[];
  const empty = operands.map((operand) => given.shapeOf(operand)).find((shape) => shape.includes(0));
  return (
    empty && `inside a transform, expected at least one element in each of "operands", received the shape [${empty}]`
  );
};

/** Other lengths pass MLX's check where they are a multiple of 12, 20 or 28, and are written behind their end. */
export const hadamardLength: Precondition = (given) => {
  const length = given.shape('a').at(-1) ?? 1;
  const isPower = (n: number) => n >= 1 && Number.isInteger(Math.log2(n));
  if (length < 1 || [1, 12, 20, 28].some((factor) => isPower(length / factor))) return undefined;
  return `expected 1, 12, 20 or 28 times a power of two for the last axis of "a", received ${length}`;
};
