import { describeValue } from '../describe.ts';
import { isCount, type Precondition, type Preconditions } from './precondition.ts';

const tensordotAxes: Precondition = (given) => {
  const axes: unknown = given.value('axes');
  const isList = (list: unknown) => Array.isArray(list) && list.every(Number.isInteger);
  if (isCount(axes) || (Array.isArray(axes) && axes.length === 2 && axes.every(isList))) return undefined;
  return `expected a count, or one list of axes for each array, for "axes", received ${describeValue(axes)}`;
};

const order: Precondition = (given) => {
  const value = given.value('ord');
  if (value === null || typeof value === 'number' || typeof value === 'string') return undefined;
  return `expected a number or a word such as "fro" for "ord", received ${describeValue(value)}`;
};

/** MLX divides by the elements of one matrix to count the matrices. */
const nonEmptyMatrix: Precondition = (given) => {
  const shape = given.shape('a');
  return shape.length >= 2 && shape.slice(-2).includes(0)
    ? `expected a matrix with at least one element for "a", received the shape [${shape}]`
    : undefined;
};

export const linalg: Preconditions = {
  tensordot: tensordotAxes,
  'linalg.norm': order,
  'linalg.inv': nonEmptyMatrix,
  'linalg.lu': nonEmptyMatrix,
  'linalg.lu_factor': nonEmptyMatrix,
  'linalg.tri_inv': nonEmptyMatrix,
  'linalg.cholesky_inv': nonEmptyMatrix,
  'linalg.solve': nonEmptyMatrix,
  'linalg.solve_triangular': nonEmptyMatrix,
};
