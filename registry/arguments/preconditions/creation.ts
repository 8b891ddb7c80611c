import { countable, type Precondition, type Preconditions } from './precondition.ts';

function square(name: string, ...sides: string[]): Precondition {
  return (given) => {
    const extents = sides.map((side) => given.value(side)).filter((extent) => typeof extent === 'number');
    return countable(extents.length === 1 ? [extents[0] as number, extents[0] as number] : extents, name);
  };
}

export const creation: Preconditions = {
  eye: square('n', 'n', 'm'),
  identity: square('n', 'n'),
  tri: square('n', 'n', 'm'),
};
