/** A nested list as its leaves in row-major order, and the length of each level. */
export interface Nested {
  readonly flat: unknown[];
  readonly shape: number[];
}

/** Deeper lists are a mistake, or hold themselves. */
const MOST_LEVELS = 64;
/** Beyond it V8 ends the process when a list grows; data of that size belongs in a typed array. */
const MOST_LEAVES = 2 ** 26;

/** A string is what is wrong with the list: ragged, too deep, too long. A value that is no list is its own leaf. */
export function flatten(value: unknown): Nested | string {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) {
    if (shape.push(level.length) > MOST_LEVELS) return `one nested more than ${MOST_LEVELS} levels deep`;
  }
  const size = shape.reduce((product, length) => product * length, 1);
  if (size > MOST_LEAVES) return `one of ${size} elements, more than ${MOST_LEAVES}: pass a typed array`;
  const flat: unknown[] = [];
  return collect(value, shape, 0, flat) ? { flat, shape } : 'a ragged one';
}

function collect(item: unknown, shape: readonly number[], depth: number, flat: unknown[]): boolean {
  if (!Array.isArray(item)) {
    flat.push(item);
    return depth === shape.length;
  }
  const length = shape[depth];
  if (item.length !== length) return false;
  // Not `every`, which passes over holes.
  for (let i = 0; i < length; i++) if (!collect(item[i], shape, depth + 1, flat)) return false;
  return true;
}
