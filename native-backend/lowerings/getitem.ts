import { Handle, type IndexPart, Slice } from '../../foundation/values/values.ts';
import { type CFunctions, type LoweringContext, range, refuse, single } from './lowering.ts';

type Part = Exclude<IndexPart<Handle>, '...'>;

const EVERYTHING = new Slice(null, null, null);

/** With `...`, and what is missing at the end, written as full slices: one part for each axis, and the nulls. */
function spellOut(parts: readonly IndexPart<Handle>[], rank: number): Part[] {
  const given = parts.filter((part) => part !== null && part !== '...').length;
  if (given > rank) refuse(`Too many indices for array with ${rank} dimensions.`);
  const rest = Array.from({ length: rank - given }, () => EVERYTHING);
  const at = parts.indexOf('...');
  if (at < 0) return [...(parts as readonly Part[]), ...rest];
  if (parts.includes('...', at + 1)) refuse('An index can only have a single ellipsis (...)');
  return [...(parts.slice(0, at) as Part[]), ...rest, ...(parts.slice(at + 1) as Part[])];
}

function bounds(part: Part, size: number): [start: number, stop: number, step: number] {
  if (typeof part === 'number') {
    const start = part < 0 ? part + size : part;
    return [start, start + 1, 1];
  }
  if (!(part instanceof Slice)) return [0, size, 1];
  const step = part.step ?? 1;
  return [part.start ?? (step < 0 ? size - 1 : 0), part.stop ?? (step < 0 ? -size - 1 : size), step];
}

/** Numbers and slices: a slice of every axis, and the axes of the numbers taken away. */
function basic(c: CFunctions, a: Handle, parts: readonly Part[], shape: readonly number[]): Handle {
  const each = parts.map((part, axis) => bounds(part, shape[axis] ?? 0));
  const trivial = each.every(([start, stop, step], axis) => start === 0 && stop === shape[axis] && step === 1);
  const cut = trivial
    ? a
    : single(
        c(
          'slice',
          a,
          each.map(([start]) => start),
          each.map(([, stop]) => stop),
          each.map(([, , step]) => step),
        ),
      );
  const numbers = range(parts.length).filter((axis) => typeof parts[axis] === 'number');
  return numbers.length === 0 ? cut : single(c('squeeze_axes', cut, numbers));
}

/** The places of index tensors taken out of their axes; their own axes come first in the result. */
function gather(c: CFunctions, a: Handle, picks: ReadonlyMap<number, Handle>, context: LoweringContext): Handle {
  const axes = [...picks.keys()];
  const sizes = context.shape(a).map((size, axis) => (picks.has(axis) ? 1 : size));
  const gathered = single(c('gather', a, [...picks.values()], axes, sizes));
  const shape = context.shape(gathered);
  const leading = shape.length - sizes.length;
  // The gradient of gathering nothing divides by the elements gathered.
  if (shape.includes(0)) {
    const kept = shape.filter((_, axis) => !picks.has(axis - leading));
    return single(c('zeros', kept, context.dtype(a)));
  }
  return single(
    c(
      'squeeze_axes',
      gathered,
      axes.map((axis) => axis + leading),
    ),
  );
}

/** Past every end: MLX cuts it down to the axis. */
const FAR = 2 ** 31 - 1;

/** Nothing but numbers and slices, the usual index: one call, which needs no shape. undefined for any other. */
function plain(c: CFunctions, a: Handle, parts: readonly IndexPart<Handle>[]): Handle | undefined {
  const starts: number[] = [];
  const stops: number[] = [];
  const steps: number[] = [];
  const numbers: number[] = [];
  for (let axis = 0; axis < parts.length; axis++) {
    const part = parts[axis];
    if (typeof part === 'number') {
      // -1 has 0 behind it, which is no stop for it.
      starts.push(part);
      stops.push(part === -1 ? FAR : part + 1);
      steps.push(1);
      numbers.push(axis);
    } else if (part instanceof Slice) {
      const step = part.step ?? 1;
      starts.push(part.start ?? (step < 0 ? FAR : 0));
      stops.push(part.stop ?? (step < 0 ? -FAR : FAR));
      steps.push(step);
    } else {
      return undefined;
    }
  }
  return single(c('basic_index', a, starts, stops, steps, numbers));
}

/** Whole axes beside new ones, `x[None]` or `x[:, None]`: nothing is cut. undefined for any other. */
function widened(
  c: CFunctions,
  a: Handle,
  parts: readonly IndexPart<Handle>[],
  context: LoweringContext,
): Handle | undefined {
  const shape = context.shape(a);
  const fresh: number[] = [];
  let axis = 0;
  let place = 0;
  for (const part of parts) {
    if (part === null) fresh.push(place++);
    else if (part instanceof Slice && (part.step ?? 1) === 1 && (part.start ?? 0) === 0) {
      if (part.stop !== null && part.stop !== shape[axis]) return undefined;
      axis++;
      place++;
    } else return undefined;
  }
  return fresh.length === 0 ? undefined : single(c('expand_dims_axes', a, fresh));
}

/** One index tensor and nothing else, as rows of a table are looked up. undefined for any other. */
function rows(
  c: CFunctions,
  a: Handle,
  parts: readonly IndexPart<Handle>[],
  context: LoweringContext,
): Handle | undefined {
  const [sole] = parts;
  if (parts.length !== 1 || !(sole instanceof Handle) || context.shape(a).length === 0) return undefined;
  return gather(c, a, new Map([[0, sole]]), context);
}

/**
 * NumPy's rules: index tensors broadcast together, numbers beside them count as such, and their axes stand where the
 * first of them stood if nothing separates them, otherwise in front.
 */
export function index(c: CFunctions, a: Handle, parts: readonly IndexPart<Handle>[], context: LoweringContext): Handle {
  const cut = plain(c, a, parts) ?? widened(c, a, parts, context) ?? rows(c, a, parts, context);
  if (cut !== undefined) return cut;
  const shape = context.shape(a);
  const all = spellOut(parts, shape.length);
  const axial = all.filter((part) => part !== null);
  let result = basic(c, a, axial, shape);

  const kept = axial.filter((part) => typeof part !== 'number');
  const picks = new Map<number, Handle>();
  for (const [axis, part] of kept.entries()) if (part instanceof Handle) picks.set(axis, part);

  let added = 0;
  let inFront = false;
  let place = 0;
  if (picks.size > 0) {
    const before = context.shape(result).length - picks.size;
    result = gather(c, result, picks, context);
    added = context.shape(result).length - before;
    const advanced = range(all.length).filter((i) => typeof all[i] === 'number' || all[i] instanceof Handle);
    const first = advanced[0] ?? 0;
    inFront = (advanced.at(-1) ?? 0) - first + 1 !== advanced.length;
    place = inFront ? 0 : all.slice(0, first).filter((part) => part instanceof Slice).length;
    if (place > 0) {
      const tail = range(before).map((axis) => axis + added);
      const order = [...tail.slice(0, place), ...range(added), ...tail.slice(place)];
      result = single(c('transpose_axes', result, order));
    }
  }

  const fresh: number[] = [];
  let axis = inFront ? added : 0;
  let placed = inFront;
  for (const part of all) {
    if (part === null) fresh.push(axis++);
    else if (part instanceof Slice) axis += 1;
    else if (picks.size > 0 && !placed) {
      axis += added;
      placed = true;
    }
  }
  return fresh.length === 0 ? result : single(c('expand_dims_axes', result, fresh));
}
