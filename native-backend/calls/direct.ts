import type { DirectCall } from '../../backend/backend.ts';
import { Dtype, dtypeOfCode } from '../../foundation/values/dtypes.ts';
import { type Argument, Handle, Scalar } from '../../foundation/values/values.ts';
import { fallbackValue } from '../../registry/arguments/values.ts';
import type { Operation } from '../../registry/operation.ts';
import type { Parameter } from '../../registry/parameters.ts';
import type { CSignature } from '../addon/addon.ts';
import { typedError } from '../addon/errors.ts';
import type { Slots } from '../handles/slots.ts';
import { directIndex } from './direct-index.ts';
import { type DirectParts, isInt32, type Take } from './direct-parts.ts';
import type { Marshal } from './marshal.ts';

type Form = (a: unknown, b: unknown, c: unknown) => Handle | null;
/** A caller's value as the addon takes it. */
type Reader = (value: unknown) => unknown;

/** For a value that the parser has to judge. */
const UNREAD = Symbol('unread');
/** As many arguments as a direct call may have, and as many C parameters behind the first as are passed on. */
const MOST_ARGUMENTS = 3;

/**
 * The commonest calls of an operation, from the caller's arguments to the C function with nothing between: each form is
 * put together once from the readers of its parameters, and the parameters left out are constants by then.
 */
export function directCall(parts: DirectParts, operation: Operation): DirectCall | undefined {
  const forms = [1, 2, 3].map((count) => formOf(parts, operation, count));
  const [one, two, three] = forms;
  if (forms.every((form) => form === undefined)) return undefined;
  return (count, a, b, c) => {
    const form = count === 1 ? one : count === 2 ? two : count === 3 ? three : undefined;
    if (form === undefined) return null;
    try {
      return form(a, b, c);
    } catch (error) {
      throw typedError(error, operation);
    }
  };
}

/** The call with the first `count` arguments; undefined where that has to be parsed. */
function formOf(parts: DirectParts, operation: Operation, count: number): Form | undefined {
  const { native, parameters, result } = operation;
  const keyword = parameters.findIndex(({ keywordOnly }) => keywordOnly);
  const positions = keyword === -1 ? parameters.length : keyword;
  if (native === null || count > Math.min(positions, MOST_ARGUMENTS) || result !== 'array') return undefined;
  if (typeof native === 'string') return plainForm(parts, native, parameters, count);
  if ('lowering' in native) {
    return count === 2 && native.lowering.includes('integer_index') ? directIndex(parts) : undefined;
  }
  const at = parameters.findIndex(({ name }) => name === native.axis);
  if (at >= count) {
    const rest = parameters.filter((_, i) => i !== at);
    return native.none === undefined ? undefined : plainForm(parts, native.none, rest, count);
  }
  if (at !== 1) return undefined;
  const one = native.one === undefined ? undefined : plainForm(parts, native.one, parameters, count);
  const many = native.many === undefined ? undefined : plainForm(parts, native.many, parameters, count);
  if (one === undefined || many === undefined) return one ?? many;
  return (a, b, c) => (typeof b === 'number' ? one(a, b, c) : many(a, b, c));
}

/** A call of one C function, which takes the parameters in their order. */
function plainForm(
  parts: DirectParts,
  name: string,
  parameters: readonly Parameter[],
  count: number,
): Form | undefined {
  const fn = parts.addon.functions[name] as Take | undefined;
  const signature = parts.addon.signatures[name];
  if (fn === undefined || signature?.result !== 'array') return undefined;
  const rest = constantsOf(parts.marshal, signature, parameters.slice(count), count);
  if (rest === undefined) return undefined;
  const given = parameters.slice(0, count);
  if (given.length === 2 && given.every(({ kind }) => kind === 'operand') && rest.length === 0) {
    return operandForm(parts, fn);
  }
  const last = given.at(-1);
  if (count === 2 && last !== undefined && isList(last, signature.parameters[1])) {
    return given[0]?.kind === 'array' || given[0]?.kind === 'operand'
      ? listForm(parts.slots, fn, last, rest)
      : undefined;
  }
  const [x, y, z] = given.map((parameter, i) =>
    isList(parameter, signature.parameters[i]) ? undefined : readerOf(parameter),
  );
  const { slots } = parts;
  const [k, l, m] = rest;
  if (count === 1 && x !== undefined) {
    return (a) => {
      const first = x(a);
      return first === UNREAD ? null : slots.adopt(fn(first, k, l, m));
    };
  }
  if (count === 2 && x !== undefined && y !== undefined) {
    return (a, b) => {
      const first = x(a);
      const second = y(b);
      return first === UNREAD || second === UNREAD ? null : slots.adopt(fn(first, second, k, l, m));
    };
  }
  if (count !== 3 || x === undefined || y === undefined || z === undefined) return undefined;
  return (a, b, c) => {
    const first = x(a);
    const second = y(b);
    const third = z(c);
    if (first === UNREAD || second === UNREAD || third === UNREAD) return null;
    return slots.adopt(fn(first, second, third, k, l, m));
  };
}

/** Two tensors, or a number beside a tensor of a floating dtype, which gives the number its own. */
function operandForm({ addon, slots, marshal }: DirectParts, fn: Take): Form {
  const scalarBeside = (tensor: Handle, number: number): Handle | null => {
    const dtype = dtypeOfCode(addon.dtype(tensor.slot));
    return dtype.kind === 'float' ? marshal.scalar(new Scalar(number, dtype)) : null;
  };
  return (a, b) => {
    if (a instanceof Handle) {
      if (b instanceof Handle) return slots.adopt(fn(a.slot, b.slot));
      const scalar = typeof b === 'number' ? scalarBeside(a, b) : null;
      return scalar === null ? null : slots.adopt(fn(a.slot, scalar.slot));
    }
    const scalar = typeof a === 'number' && b instanceof Handle ? scalarBeside(b, a) : null;
    return scalar === null ? null : slots.adopt(fn(scalar.slot, (b as Handle).slot));
  };
}

/** Shapes beyond it are the parser's to judge: their extents multiply to more than a number holds exactly. */
const MOST_ELEMENTS = 2 ** 44;

/** A tensor and a list of one to four integers, or one integer where that stands for a list. */
function listForm(slots: Slots, fn: Take, { kind }: Parameter, [k, l]: readonly unknown[]): Form {
  const isShape = kind === 'shape';
  const takesNumber = kind !== 'ints';
  return (tensor, list) => {
    if (!(tensor instanceof Handle)) return null;
    const { slot } = tensor;
    if (!Array.isArray(list)) return takesNumber && isInt32(list) ? slots.adopt(fn(slot, 1, list, k, l)) : null;
    const rank = list.length;
    if (rank < 1 || rank > 4) return null;
    // Each is read once: a list may give something else the next time.
    const a = list[0];
    const b = rank > 1 ? list[1] : 1;
    const c = rank > 2 ? list[2] : 1;
    const d = rank > 3 ? list[3] : 1;
    if (!isInt32(a) || !isInt32(b) || !isInt32(c) || !isInt32(d)) return null;
    if (isShape && Math.abs(a * b * c * d) > MOST_ELEMENTS) return null;
    if (rank === 1) return slots.adopt(fn(slot, 1, a, k, l));
    if (rank === 2) return slots.adopt(fn(slot, 2, a, b, k, l));
    return slots.adopt(rank === 3 ? fn(slot, 3, a, b, c, k, l) : fn(slot, 4, a, b, c, d, k, l));
  };
}

function isList({ kind }: Parameter, place: string | undefined): boolean {
  return (kind === 'shape' || kind === 'ints' || kind === 'axes') && (place === 'ints' || place === 'int64s');
}

const slotOf: Reader = (value) => (value instanceof Handle ? value.slot : UNREAD);
const integerOf: Reader = (value) => (isInt32(value) ? value : UNREAD);
const numberOf: Reader = (value) => (typeof value === 'number' ? value : UNREAD);
const flagOf: Reader = (value) => (typeof value === 'boolean' ? value : UNREAD);
const dtypeCodeOf: Reader = (value) => (value instanceof Dtype ? value.code : UNREAD);

/** By kind; the others are the parser's. */
const READERS: { readonly [kind in Parameter['kind']]?: Reader } = {
  array: slotOf,
  operand: slotOf,
  int: integerOf,
  axis: integerOf,
  axes: integerOf,
  float: numberOf,
  bool: flagOf,
  dtype: dtypeCodeOf,
};

function readerOf({ kind, variadic }: Parameter): Reader | undefined {
  return variadic === true ? undefined : READERS[kind];
}

/** What C gets for the parameters that are left out; undefined where the parser works that out for each call. */
function constantsOf(
  marshal: Marshal,
  signature: CSignature,
  parameters: readonly Parameter[],
  from: number,
): unknown[] | undefined {
  const constants: unknown[] = [];
  for (const [i, parameter] of parameters.entries()) {
    const { kind, variadic } = parameter;
    if (kind === 'pair' || (kind !== 'ints' && READERS[kind] === undefined) || variadic === true) return undefined;
    const value = fallbackValue(parameter);
    if (value === undefined || Array.isArray(value)) return undefined;
    constants.push(marshal.value(value as Argument, signature.parameters[from + i]));
  }
  return constants.length > MOST_ARGUMENTS ? undefined : constants;
}
