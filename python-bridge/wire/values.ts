import { ArgumentError, ProtocolError } from '../../foundation/errors/errors.ts';
import { DTYPES, Dtype } from '../../foundation/values/dtypes.ts';
import {
  type Argument,
  Callback,
  Complex,
  type Element,
  Handle,
  type Result,
  Scalar,
  Slice,
} from '../../foundation/values/values.ts';
import type { Operation } from '../../registry/operation.ts';
import type { Parameter, ParameterKind } from '../../registry/parameters.ts';

/** The number that a tensor or a function has in the worker. */
export type IdOf = (item: Handle | Callback) => number;

/** The arguments of a call in the order of its parameters, behind them those of any other keyword. */
export type Encode = (args: readonly Argument[], idOf: IdOf) => unknown[];

/** How the arguments of an operation are encoded, as far as its row says it. */
export function encoderOf({ parameters, anyKeyword }: Operation): Encode {
  const bare = parameters.map(({ kind }) => BARE.has(kind));
  return (args, idOf) => {
    const encoded: unknown[] = [];
    for (let i = 0; i < parameters.length; i++) {
      const argument = args[i];
      const isBare = bare[i] === true && argument instanceof Handle;
      encoded.push(isBare ? idOf(argument) : encodeArgument(parameters[i] as Parameter, argument, idOf));
    }
    if (anyKeyword === true) encoded.push(encodeArgument(KEYWORDS, args[parameters.length] ?? {}, idOf));
    return encoded;
  };
}

const KEYWORDS: Parameter = { name: 'keywords', kind: 'any', nullable: false, keywordOnly: true };

/** One argument as `docs/protocol.md` writes it for the parameter's kind. */
function encodeArgument(parameter: Parameter, argument: Argument, idOf: IdOf): unknown {
  if (argument === null || argument === undefined) return null;
  if (argument instanceof Handle) return BARE.has(parameter.kind) ? idOf(argument) : { t: idOf(argument) };
  if (parameter.variadic === true && parameter.kind !== 'arrays') {
    const one = { ...parameter, variadic: false };
    return list(parameter, argument).map((item) => encodeArgument(one, item, idOf));
  }
  switch (parameter.kind) {
    case 'operand':
    case 'value':
      return argument instanceof Scalar ? encodeScalar(argument) : unexpected(parameter, argument);
    case 'arrays':
      return list(parameter, argument).map((item) =>
        item instanceof Handle ? idOf(item) : unexpected(parameter, item),
      );
    case 'dtype':
      return argument instanceof Dtype ? argument.code : unexpected(parameter, argument);
    case 'index':
      return list(parameter, argument).map((part) => encodeIndexPart(parameter, part, idOf));
    case 'any':
      return encodeTree(argument, idOf, parameter);
    default:
      return encodePlain(parameter, argument);
  }
}

const BARE: ReadonlySet<ParameterKind> = new Set<ParameterKind>(['array', 'operand', 'value', 'indices', 'key']);

function encodeScalar(scalar: Scalar): unknown {
  return [scalar.dtype.code, encodeElement(scalar.value, scalar.dtype)];
}

function encodeElement(value: Element, dtype: Dtype): unknown {
  if (value instanceof Complex) return floats(value.re, value.im);
  if (dtype.kind === 'float' || dtype.kind === 'complex') return floats(Number(value));
  return typeof value === 'number' ? whole(value) : value;
}

function encodeIndexPart(parameter: Parameter, part: Argument, idOf: IdOf): unknown {
  if (part === null || part === undefined) return null;
  if (part instanceof Handle) return { t: idOf(part) };
  if (part instanceof Slice) return [part.start, part.stop, part.step];
  return part === '...' || typeof part === 'number' ? part : unexpected(parameter, part);
}

const VALUE: Parameter = { name: 'value', kind: 'any', nullable: false, keywordOnly: false };

/** Any value as a tree; the parameter is for the text of errors. */
export function encodeTree(argument: Argument, idOf: IdOf, parameter: Parameter = VALUE): unknown {
  if (argument === null || argument === undefined) return null;
  if (argument instanceof Handle) return { t: idOf(argument) };
  if (argument instanceof Callback) return { f: idOf(argument) };
  if (argument instanceof Scalar) return { s: encodeScalar(argument) };
  if (argument instanceof Slice) return { i: [argument.start, argument.stop, argument.step] };
  if (argument instanceof Dtype) return { d: argument.code };
  if (isList(argument)) return argument.map((item) => encodeTree(item, idOf, parameter));
  if (typeof argument !== 'object') return encodePlain(parameter, argument);
  const entries = Object.entries(argument).map(([key, item]) => [key, encodeTree(item, idOf, parameter)] as const);
  return { m: Object.fromEntries(entries) };
}

function encodePlain(parameter: Parameter, argument: Argument): unknown {
  switch (typeof argument) {
    case 'number':
      // MessagePack writers take -0 for the integer 0.
      if (Object.is(argument, -0)) return floats(-0);
      return parameter.kind === 'float' ? argument : whole(argument);
    case 'bigint':
      if (argument >= -(2n ** 63n) && argument < 2n ** 64n) return argument;
      throw new ArgumentError(`expected an integer of at most 64 bits for "${parameter.name}", received ${argument}`);
    case 'boolean':
    case 'string':
      return argument;
    default:
      if (isList(argument)) return argument.map((item) => encodePlain(parameter, item));
      if (argument === null || argument === undefined) return null;
      return unexpected(parameter, argument);
  }
}

/** Large whole numbers as bigint: as numbers they would be written as floats. */
function whole(value: number): number | bigint {
  return Number.isSafeInteger(value) && Math.abs(value) >= 2 ** 31 ? BigInt(value) : value;
}

function floats(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat64(8 * i, value, true);
  return bytes;
}

function list(parameter: Parameter, argument: Argument): readonly Argument[] {
  return isList(argument) ? argument : unexpected(parameter, argument);
}

function isList(argument: Argument): argument is readonly Argument[] {
  return Array.isArray(argument);
}

/** The router has normalised arguments before they get here, so this is a mistake of a row or of the router. */
function unexpected(parameter: Parameter, argument: Argument): never {
  throw new ArgumentError(
    `expected an argument of the kind "${parameter.kind}" for "${parameter.name}", received ${typeof argument}`,
  );
}

/** Every tensor among the arguments, however deep. */
export function* handlesIn(argument: Argument): Generator<Handle> {
  if (argument instanceof Handle) yield argument;
  else if (isList(argument)) for (const item of argument) yield* handlesIn(item);
  else if (isTree(argument)) {
    for (const item of Object.values(argument)) yield* handlesIn(item);
  }
}

/** A copy of the argument, which no caller can change, with others in the places of its handles. */
export function mapHandles(argument: Argument, replace: (handle: Handle) => Handle): Argument {
  if (typeof argument !== 'object' || argument === null) return argument;
  if (argument instanceof Handle) return replace(argument);
  if (isList(argument)) return argument.map((item) => mapHandles(item, replace));
  if (!isTree(argument)) return argument;
  return Object.fromEntries(Object.entries(argument).map(([key, item]) => [key, mapHandles(item, replace)]));
}

/** Whether a JavaScript function is among the arguments, however deep. */
export function hasCallback(argument: Argument): boolean {
  if (argument instanceof Callback) return true;
  if (isList(argument)) return argument.some(hasCallback);
  return isTree(argument) && Object.values(argument).some(hasCallback);
}

export function isTree(argument: Argument): argument is { readonly [key: string]: Argument } {
  return (
    typeof argument === 'object' &&
    argument !== null &&
    !(
      argument instanceof Handle ||
      argument instanceof Callback ||
      argument instanceof Scalar ||
      argument instanceof Slice ||
      argument instanceof Dtype ||
      isList(argument)
    )
  );
}

/** Makes the handle of a tensor that the worker keeps under its own number `id`. */
export type Adopt = (id: number, dtype: Dtype, shape: readonly number[]) => Handle;

/** Deeper trees are a mistake of the worker, and would overflow the stack. */
const MOST_LEVELS = 512;

function wrong(what: string): never {
  throw new ProtocolError(`the worker's answer has ${what}`);
}

/** What a worker says of a tensor: `[dtype code, shape]`. */
export function decodeDescription(value: unknown): [Dtype, number[]] {
  if (!Array.isArray(value) || value.length !== 2) return wrong('no dtype and shape where a tensor is');
  const [code, shape] = value as unknown[];
  const dtype = typeof code === 'number' ? DTYPES[code] : undefined;
  if (dtype === undefined) return wrong(`no dtype of the code ${String(code)}`);
  if (!Array.isArray(shape)) return wrong('no shape');
  for (const length of shape as unknown[]) {
    if (!Number.isInteger(length) || (length as number) < 0) return wrong('no shape of whole numbers from 0 up');
  }
  return [dtype, shape as number[]];
}

/** Whether JavaScript goes through the tree in the order in which it was written: keys like numbers come first here. */
export function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  if (!('m' in value)) return true;
  return Object.entries(value.m as object).every(([key, item]) => !/^\d+$/.test(key) && isInOrder(item));
}

/** A tree of results; what is no tensor, list or plain value is a map of one key, `t` or `m`. */
export function decodeResult(value: unknown, adopt: Adopt, level = 0): Result {
  if (level > MOST_LEVELS) return wrong(`more than ${MOST_LEVELS} levels`);
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return value as Result;
  if (Array.isArray(value)) return value.map((item) => decodeResult(item, adopt, level + 1));
  if ('t' in value) {
    const [id, ...description] = Array.isArray(value.t) ? (value.t as unknown[]) : [];
    if (!Number.isInteger(id) || (id as number) >= 0) return wrong('a tensor without a number of its own');
    return adopt(id as number, ...decodeDescription(description));
  }
  if ('m' in value && typeof value.m === 'object' && value.m !== null) {
    const entries = Object.entries(value.m);
    return Object.fromEntries(entries.map(([key, item]) => [key, decodeResult(item, adopt, level + 1)]));
  }
  return wrong('a value that is neither a tensor nor plain data');
}
