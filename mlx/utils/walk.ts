import { ArgumentError } from '../../foundation/errors/errors.ts';

/** Deeper trees are a mistake, or hold themselves. */
export const DEEPEST = 64;
/** What is longer is not walked to its end: a list that only claims its length, or one that holds one list many times. */
const MOST_PARTS = 2 ** 22;

/** Keeps a walk through a tree from going on for ever. */
export class Walk {
  #left = MOST_PARTS;
  readonly #operation: string;
  readonly #tree: string;

  /** `tree` names what is walked: `a tree`. */
  constructor(operation: string, tree = 'a tree') {
    this.#operation = operation;
    this.#tree = tree;
  }

  /** Before what is in the value is looked at. @throws ArgumentError of a tree that is too deep or has too many parts. */
  enter(value: unknown, depth: number): void {
    if (depth > DEEPEST) this.#fail(`at most ${DEEPEST} levels, which does not hold itself`);
    this.#left -= Array.isArray(value) ? value.length + 1 : 1;
    if (this.#left < 0) this.#fail(`at most ${MOST_PARTS} parts`);
  }

  #fail(limit: string): never {
    throw new ArgumentError(`expected ${this.#tree} of ${limit}`, { operation: this.#operation });
  }
}
