import { extentAlong, type Given, type Precondition } from './precondition.ts';

/** Numbers are held against the axis, for MLX reads or writes out of bounds. */
export const withinAxis: Precondition = (given) => {
  const axis = given.value('axis') as number | null;
  const extent = extentAlong(given.shape('a'), axis);
  if (extent === undefined) return undefined;
  if (extent === 0 && !given.shape('indices').includes(0)) {
    return `expected at least one element to pick from, received the shape [${given.shape('a')}]`;
  }
  const wrong = given.integers('indices')?.find((index) => index < -extent || index >= extent);
  if (wrong === undefined) return undefined;
  const place = axis === null ? 'the array' : `axis ${axis}`;
  return `expected indices from ${-extent} to ${extent - 1}, for ${place} has ${extent} elements, received ${wrong}`;
};

function withinBlock(sizes: (given: Given) => readonly number[]): Precondition {
  return (given) => {
    const shape = given.shape('a');
    const block = sizes(given);
    const starts = given.integers('start_indices') ?? [];
    const wrong = block.findIndex((size, axis) => size < 0 || size > (shape[axis] ?? 0));
    if (wrong !== -1) {
      return `expected a block within the shape [${shape}], received the size ${block[wrong]} for axis ${wrong}`;
    }
    for (const [i, axis] of (given.value('axes') as readonly number[]).entries()) {
      const at = axis < 0 ? axis + shape.length : axis;
      const [start, extent, size] = [starts[i], shape[at], block[at]];
      if (start === undefined || extent === undefined || size === undefined) continue;
      if (start < 0 || start + size > extent) {
        return `expected a block of ${size} within the ${extent} elements of axis ${axis}, received the start ${start}`;
      }
    }
    return undefined;
  };
}

/** MLX spreads an update of fewer dimensions over the block in a way of its own, and starts it anywhere. */
export const sameRank: Precondition = (given) => {
  const [a, update] = [given.shape('a'), given.shape('update')];
  return a.length === update.length
    ? undefined
    : `expected "update" with ${a.length} dimensions, as "a" has, received the shape [${update}]`;
};

export const blockWithin: Precondition = withinBlock((given) => given.value('slice_size') as readonly number[]);
export const updateWithin: Precondition = withinBlock((given) => given.shape('update'));
