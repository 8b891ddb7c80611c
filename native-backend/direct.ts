import type { DirectCall, DirectNumber, DirectShape } from '../registry/backend.ts';
import { dtypeOfCode } from '../registry/dtypes.ts';
import type { Operation } from '../registry/operation.ts';
import { type Handle, Scalar } from '../registry/values.ts';
import type { Addon } from './addon.ts';
import { typedError } from './errors.ts';
import type { Marshal } from './marshal.ts';
import type { Slots } from './slots.ts';

interface Parts {
  readonly addon: Addon;
  readonly slots: Slots;
  readonly marshal: Marshal;
}

type Take = (...args: unknown[]) => number;

/** The C function that is the operation, where its parameters are of these kinds and it gives one tensor. */
function functionOf({ addon }: Parts, operation: Operation, fits: (kinds: readonly string[]) => boolean) {
  const { native, parameters, result } = operation;
  if (typeof native !== 'string' || result !== 'array') return undefined;
  return fits(parameters.map(({ kind }) => kind)) ? (addon.functions[native] as Take) : undefined;
}

/** Tensors and nothing else. */
export function directCall(parts: Parts, operation: Operation): DirectCall | undefined {
  const { slots } = parts;
  const fn = functionOf(parts, operation, (kinds) => kinds.every((kind) => kind === 'array' || kind === 'operand'));
  if (fn === undefined) return undefined;
  if (operation.parameters.length === 1) {
    return (a) => {
      try {
        return slots.adopt(fn((a as Handle).slot));
      } catch (error) {
        throw typedError(error, operation);
      }
    };
  }
  if (operation.parameters.length === 2) {
    return (a, b) => {
      try {
        return slots.adopt(fn((a as Handle).slot, (b as Handle).slot));
      } catch (error) {
        throw typedError(error, operation);
      }
    };
  }
  return undefined;
}

/** A tensor of a floating dtype and a number, which takes that dtype. */
export function directNumber(parts: Parts, operation: Operation): DirectNumber | undefined {
  const { addon, slots, marshal } = parts;
  const fn = functionOf(parts, operation, (kinds) => kinds.length === 2 && kinds.every((kind) => kind === 'operand'));
  if (fn === undefined) return undefined;
  return (tensor, number, isFirst) => {
    try {
      const dtype = dtypeOfCode(addon.dtype(tensor.slot));
      if (dtype.kind !== 'float') return null;
      const scalar = marshal.scalar(new Scalar(number, dtype));
      return slots.adopt(isFirst ? fn(scalar.slot, tensor.slot) : fn(tensor.slot, scalar.slot));
    } catch (error) {
      throw typedError(error, operation);
    }
  };
}

/** Shapes beyond it are the parser's to judge: their extents multiply to more than a number holds exactly. */
const MOST_ELEMENTS = 2 ** 44;

/** A tensor and a shape of one to four extents. */
export function directShape(parts: Parts, operation: Operation): DirectShape | undefined {
  const { slots } = parts;
  const fn = functionOf(parts, operation, ([first, second, ...rest]) => {
    return (first === 'array' || first === 'operand') && second === 'shape' && rest.length === 0;
  });
  if (fn === undefined) return undefined;
  return ({ slot }, shape) => {
    const rank = shape.length;
    if (rank < 1 || rank > 4) return null;
    // Each is read once: a list may give something else the next time.
    const a = shape[0];
    const b = rank > 1 ? shape[1] : 1;
    const c = rank > 2 ? shape[2] : 1;
    const d = rank > 3 ? shape[3] : 1;
    if (!isExtent(a) || !isExtent(b) || !isExtent(c) || !isExtent(d)) return null;
    if (Math.abs(a * b * c * d) > MOST_ELEMENTS) return null;
    try {
      if (rank === 1) return slots.adopt(fn(slot, 1, a));
      if (rank === 2) return slots.adopt(fn(slot, 2, a, b));
      return slots.adopt(rank === 3 ? fn(slot, 3, a, b, c) : fn(slot, 4, a, b, c, d));
    } catch (error) {
      throw typedError(error, operation);
    }
  };
}

function isExtent(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}
