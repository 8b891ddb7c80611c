import { Slice } from './values.ts';

/** One axis of the array that a slice keeps: its first place, how far the next one is, and how many there are. */
interface SliceDimension {
  readonly kind: 'slice';
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

export type Dimension =
  | SliceDimension
  | { readonly kind: 'new' }
  | { readonly kind: 'picked'; readonly length: number };

/** What an index writes to: the dimensions that the value must have, and the places that numbers and tensors fix. */
export interface WriteLayout<T> {
  readonly dimensions: readonly Dimension[];
  /** By axis. */
  readonly numbers: ReadonlyMap<number, number>;
  readonly tensors: ReadonlyMap<number, T>;
  /** The shape that the index tensors broadcast to. */
  readonly picked: readonly number[];
}

type Part<T> = number | Slice | null | T;

const WHOLE = new Slice(null, null, null);

/** The index with `...`, and what is missing at its end, written as whole slices. */
function spellOut<T>(parts: readonly (Part<T> | '...')[], rank: number): Part<T>[] {
  const given = parts.filter((part) => part !== null && part !== '...').length;
  const rest = Array.from({ length: Math.max(rank - given, 0) }, () => WHOLE);
  const at = parts.indexOf('...');
  const [before, after] = at < 0 ? [parts, []] : [parts.slice(0, at), parts.slice(at + 1)];
  return [...before, ...rest, ...after] as Part<T>[];
}

function sliced({ start, stop, step }: Slice, axis: number, size: number): SliceDimension {
  const pace = step ?? 1;
  const first = start ?? (pace < 0 ? size - 1 : 0);
  const end = stop ?? (pace < 0 ? -1 : size);
  return { kind: 'slice', axis, start: first, step: pace, length: Math.max(Math.ceil((end - first) / pace), 0) };
}

/** The shape of both together; undefined where they do not broadcast. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

/**
 * Where MLX's assignment writes. Index tensors broadcast together, and their dimensions stand where the first of them
 * stood, or in front if a slice or a new axis separates them; numbers beside them do not count, other than in reading.
 * The parts are those that were held against the shape. undefined where the tensors do not broadcast.
 */
export function writeLayout<T extends object>(
  parts: readonly (Part<T> | '...')[],
  shape: readonly number[],
  shapeOf: (tensor: T) => readonly number[],
): WriteLayout<T> | undefined {
  const all = spellOut(parts, shape.length);
  const numbers = new Map<number, number>();
  const tensors = new Map<number, T>();
  const dimensions: Dimension[] = [];
  let picked: readonly number[] | undefined;
  let place = 0;
  let isParted = false;
  let inFront = false;
  let axis = 0;
  for (const part of all) {
    const size = shape[axis] as number;
    if (part === null) dimensions.push({ kind: 'new' });
    else if (part instanceof Slice) dimensions.push(sliced(part, axis++, size));
    else if (typeof part === 'number') numbers.set(axis++, part < 0 ? part + size : part);
    else {
      if (picked === undefined) place = dimensions.length;
      else inFront ||= isParted;
      const together = broadcast(picked ?? [], shapeOf(part));
      if (together === undefined) return undefined;
      picked = together;
      tensors.set(axis++, part);
      continue;
    }
    isParted ||= picked !== undefined && typeof part !== 'number';
  }
  const block = (picked ?? []).map((length): Dimension => ({ kind: 'picked', length }));
  dimensions.splice(inFront ? 0 : place, 0, ...block);
  return { dimensions, numbers, tensors, picked: picked ?? [] };
}

/** What slices cut out of an array, by axis, as MLX wants it told. */
export interface SlicedBlock {
  readonly starts: readonly number[];
  readonly stops: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: readonly number[];
}

/** Just behind the last place: for the gradient MLX counts from the first place to this one. */
function stopOf({ start, step, length }: SliceDimension, size: number): number {
  const end = start + step * (length - 1) + Math.sign(step);
  // No number stands for the place before the first element but one a whole axis further.
  return end < 0 ? -size - 1 : Math.min(end, size);
}

/** The block that slices and numbers cut out; `numbers` by axis. */
export function blockOf(
  dimensions: readonly Dimension[],
  numbers: ReadonlyMap<number, number>,
  shape: readonly number[],
): SlicedBlock {
  const starts = shape.map((_, axis) => numbers.get(axis) ?? 0);
  const stops = starts.map((start) => start + 1);
  const steps = shape.map(() => 1);
  const sizes = shape.map(() => 1);
  for (const dimension of dimensions) {
    if (dimension.kind !== 'slice') continue;
    const { axis, start, step, length } = dimension;
    starts[axis] = start;
    stops[axis] = stopOf(dimension, shape[axis] as number);
    steps[axis] = step;
    sizes[axis] = length;
  }
  return { starts, stops, steps, sizes };
}

const NO_NUMBERS: ReadonlyMap<number, number> = new Map();

/**
 * The usual index of a write, slices and nothing else, without the work for all the others.
 * The parts are those that were held against the shape. undefined for another index, and where nothing is cut out.
 */
export function slicedBlock(parts: readonly unknown[], shape: readonly number[]): SlicedBlock | undefined {
  if (parts.length === 0 || parts.length > shape.length) return undefined;
  const dimensions: SliceDimension[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const part = axis < parts.length ? parts[axis] : WHOLE;
    if (!(part instanceof Slice)) return undefined;
    const dimension = sliced(part, axis, shape[axis] as number);
    if (dimension.length === 0) return undefined;
    dimensions.push(dimension);
  }
  return blockOf(dimensions, NO_NUMBERS, shape);
}

/** Whether two shapes are the same. */
export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function lengthOf(dimension: Dimension): number {
  return dimension.kind === 'new' ? 1 : dimension.length;
}

/** A shape without the ones in front: assignment overlooks them. */
export function withoutLeadingOnes(shape: readonly number[]): readonly number[] {
  const first = shape.findIndex((extent) => extent !== 1);
  return first < 0 ? [] : shape.slice(first);
}
