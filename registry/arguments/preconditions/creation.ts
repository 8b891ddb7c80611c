import { countable, type Precondition } from './precondition.ts';

/** MLX counts along both sides, also where the other one is 0. */
const LONGEST_OF_NOTHING = 2 ** 24;

export function square(name: string, ...sides: string[]): Precondition {
  return (given) => {
    const extents = sides.map((side) => given.value(side)).filter((extent) => typeof extent === 'number');
    const shape = extents.length === 1 ? [extents[0] as number, extents[0] as number] : extents;
    if (shape.includes(0) && shape.some((extent) => extent > LONGEST_OF_NOTHING)) {
      return `expected at most 2^24 rows or columns in a matrix without elements, received the shape [${shape}]`;
    }
    return countable(shape, name);
  };
}
