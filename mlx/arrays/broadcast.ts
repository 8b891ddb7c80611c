import { ArgumentError, OperationError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';

const OPERATION = 'mx.broadcastShapes';

function checked(shape: unknown): readonly number[] {
  // Unlike `every`, this sees holes, and so ends at the first of a list that only claims to be long.
  if (Array.isArray(shape) && shape.findIndex((extent) => !Number.isInteger(extent)) === -1) return shape;
  throw new ArgumentError(`expected shapes, lists of integers, received ${describeValue(shape)}`, {
    operation: OPERATION,
  });
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const ndim = Math.max(a.length, b.length);
  return Array.from({ length: ndim }, (_, i) => {
    const [left, right] = [a[i - ndim + a.length] ?? 1, b[i - ndim + b.length] ?? 1];
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new OperationError(`[broadcast_shapes] Shapes (${a}) and (${b}) cannot be broadcast.`, {
      operation: OPERATION,
    });
  });
}

/**
 * The shape that arrays of these shapes have together: `mx.broadcastShapes([6, 7], [5, 6, 1])` is `[5, 6, 7]`.
 * @throws OperationError with MLX's words where there is none.
 */
export function broadcastShapes(...shapes: readonly (readonly number[])[]): number[] {
  const [first, ...rest] = shapes.map(checked);
  if (first === undefined) {
    throw new OperationError('[broadcast_shapes] Must provide at least one shape.', { operation: OPERATION });
  }
  return rest.reduce<readonly number[]>(broadcast, first).slice();
}
