import { describeValue } from '../describe.ts';
import { extentAlong, isCount, type Precondition } from './precondition.ts';

/** Any strides may be asked for, and MLX reads wherever they lead. */
export const inside: Precondition = (given) => {
  const shape = (given.value('shape') ?? given.shape('a')) as readonly number[];
  const strides = given.value('strides') as readonly number[] | null;
  const offset = given.value('offset') as number;
  const size = given.shape('a').reduce((product, extent) => product * extent, 1);
  const steps = strides ?? rowMajor(shape);
  if (steps.length !== shape.length) {
    return `expected one stride for each of ${shape.length} sizes, received ${steps.length}`;
  }
  if (shape.some((extent) => extent < 0) || shape.includes(0)) return undefined;
  const reach = shape.map((extent, axis) => (extent - 1) * (steps[axis] as number));
  const first = offset + reach.reduce((sum, step) => sum + Math.min(step, 0), 0);
  const last = offset + reach.reduce((sum, step) => sum + Math.max(step, 0), 0);
  if (first >= 0 && last < size) return undefined;
  return `expected elements 0 to ${size - 1}, but the shape, strides and offset reach from ${first} to ${last}`;
};

function rowMajor(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let step = 1;
  for (const extent of [...shape].reverse()) {
    strides.unshift(step);
    step *= extent;
  }
  return strides;
}

export const inferable: Precondition = (given) => {
  const shape = given.value('shape') as readonly number[];
  return shape.includes(-1) && shape.includes(0)
    ? `expected no 0 beside the -1 that is to be inferred in "shape", received [${shape}]`
    : undefined;
};

const isCounts = (value: unknown, length: number) =>
  Array.isArray(value) && value.length === length && value.every(isCount);

export const padWidth: Precondition = (given) => {
  const width: unknown = given.value('pad_width');
  if (isCount(width) || isCounts(width, 1) || isCounts(width, 2)) return undefined;
  if (Array.isArray(width) && width.length > 0 && width.every((pair) => isCounts(pair, 2))) return undefined;
  return `expected a count, a pair of counts, or a list of pairs for "padWidth", received ${describeValue(width)}`;
};

export const atLeastOne =
  (name: string): Precondition =>
  (given) =>
    (given.value(name) as readonly unknown[]).length > 0 ? undefined : `expected at least one array for "${name}"`;

/** Beyond the matrix MLX sums an empty view, and where there is a batch it never returns. */
export const onMatrix: Precondition = (given) => {
  const shape = given.shape('a');
  const rows = extentAlong(shape, given.value('axis1') as number);
  const columns = extentAlong(shape, given.value('axis2') as number);
  const offset = given.value('offset') as number;
  if (rows === undefined || columns === undefined || shape.length < 3) return undefined;
  if (rows > Math.max(-offset, 0) && columns > Math.max(offset, 0)) return undefined;
  return `expected an offset from ${1 - rows} to ${columns - 1} in the shape [${shape}], received ${offset}`;
};

/** Each part is a node of its own. Of nothing there are as many as one likes. */
const MOST_PARTS = 2 ** 16;

export const parts: Precondition = (given) => {
  const sections = given.value('indices_or_sections');
  if (typeof sections !== 'number' || sections <= MOST_PARTS) return undefined;
  const extent = extentAlong(given.shape('a'), given.value('axis') as number);
  if (extent === undefined || sections <= extent) return undefined;
  return `expected at most ${Math.max(extent, MOST_PARTS)} parts of an axis of ${extent} elements, received ${sections}`;
};
