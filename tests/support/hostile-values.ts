import { core as mx } from '../../mlx/index.ts';

/** What the values throw themselves: an operation may let it through as it is. */
export class OwnError extends Error {}

const compiled = new Map<string, () => unknown>();

/** The value of an expression of `fuzz/hostile.ts`, made anew each time, for some calls change what they get. */
export function valueOf(expression: string): unknown {
  let make = compiled.get(expression);
  if (make === undefined) {
    make = new Function('mx', 'Error', `return () => (${expression})`)(mx, OwnError) as () => unknown;
    compiled.set(expression, make);
  }
  return make();
}
