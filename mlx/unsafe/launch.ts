import { ArgumentError } from '../../foundation/errors/errors.ts';
import { Dtype } from '../../foundation/values/dtypes.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import { nativeBackend, router } from '../../runtime/runtime.ts';
import { type Device, isStream, type Stream } from '../../runtime/streams.ts';

/** How many threads, along three axes. */
type Grid = readonly [number, number, number];

/** What a kernel is run on and gives. */
export interface Launch {
  readonly inputs: readonly Tensor[];
  readonly grid: Grid;
  readonly threadgroup: Grid;
  readonly outputShapes: readonly (readonly number[])[];
  readonly outputDtypes: readonly Dtype[];
  /** What outputs are filled with before; without it they hold whatever the memory held. */
  readonly initValue?: number;
  readonly stream?: Device | Stream;
}

export interface CheckedLaunch {
  readonly inputs: readonly number[];
  readonly grid: Grid;
  readonly threads: Grid;
  readonly shapes: readonly (readonly number[])[];
  readonly dtypes: readonly number[];
  readonly initValue: number | undefined;
  readonly stream: number | undefined;
}

/** One option, held against what it must be. */
export function option<T>(
  operation: string,
  options: object,
  name: string,
  expected: string,
  fits: (value: unknown) => boolean,
): T {
  const value = (options as Record<string, unknown>)[name];
  if (fits(value)) return value as T;
  throw new ArgumentError(`expected ${expected} for "${name}", received ${describeValue(value)}`, { operation });
}

export const isText = (value: unknown): boolean => typeof value === 'string';
export const isFlag = (value: unknown): boolean => typeof value === 'boolean';
export const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
export const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isGrid = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 3 && value.every((size) => isCount(size) && size < 2 ** 31);
const isShape = (value: unknown): boolean => Array.isArray(value) && value.every(isCount);

/** The options as they are, unless one of them is none of the known. */
export function known(operation: string, options: unknown, names: readonly string[]): object {
  return checkedOptions<Record<string, unknown>>(options, names, operation);
}

export const LAUNCH_OPTIONS = [
  'inputs',
  'grid',
  'threadgroup',
  'outputShapes',
  'outputDtypes',
  'initValue',
  'stream',
] as const;

/** What the addon takes, of what the caller gave. */
export function checkedLaunch(operation: string, options: object): CheckedLaunch {
  const isTensors = (value: unknown) => Array.isArray(value) && value.every((item) => item instanceof Tensor);
  const isDtypes = (value: unknown) => Array.isArray(value) && value.every((item) => item instanceof Dtype);
  const isShapes = (value: unknown) => Array.isArray(value) && value.every(isShape);
  const isNumber = (value: unknown) => value === undefined || typeof value === 'number';
  const isPlace = (value: unknown) => value === undefined || isStream(value);
  const inputs = option<Tensor[]>(operation, options, 'inputs', 'a list of arrays (mx.array)', isTensors);
  const dtypes = option<Dtype[]>(operation, options, 'outputDtypes', 'a list of dtypes', isDtypes);
  const shapes = option<number[][]>(operation, options, 'outputShapes', 'a list of shapes', isShapes);
  if (shapes.length !== dtypes.length) {
    throw new ArgumentError(`expected as many shapes as dtypes, received ${shapes.length} and ${dtypes.length}`, {
      operation,
    });
  }
  const stream = option<Device | Stream | undefined>(operation, options, 'stream', 'a device or stream', isPlace);
  return {
    inputs: inputs.map((tensor) => router.residency.at(tensor, 'native').slot),
    grid: option(operation, options, 'grid', 'three sizes', isGrid),
    threads: option(operation, options, 'threadgroup', 'three sizes', isGrid),
    shapes,
    dtypes: dtypes.map(({ code }) => code),
    initValue: option(operation, options, 'initValue', 'a number', isNumber),
    stream: stream === undefined ? undefined : nativeBackend.streamIndex(stream),
  };
}

/** Arrays of the slots that a kernel gave. */
export function adopted(slots: readonly number[]): Tensor[] {
  return nativeBackend.adopt(slots).map((handle) => router.adopt(handle, 'native'));
}
