import type { AnyFunction } from './function.ts';

/** Positions of arguments: one, or a list. */
export type Argnums = number | readonly number[] | null | undefined;

/** Names of arguments in a trailing plain object: one, or a list. */
export type Argnames = string | readonly string[] | undefined;

/** The arguments at these positions, in the order of the function's own. */
type AtPositions<
  Args extends readonly unknown[],
  Position,
  Before extends readonly unknown[] = [],
> = Args extends readonly [infer First, ...infer Rest]
  ? [...(Before['length'] extends Position ? [First] : []), ...AtPositions<Rest, Position, [...Before, First]>]
  : [];

/** Of one position, also of a list of one, its argument; of several a list. */
type ByPosition<Args extends readonly unknown[], Positions extends Argnums> = Positions extends number
  ? Args[Positions]
  : Positions extends readonly number[]
    ? number extends Positions['length'] | Args['length']
      ? Args[number] | Args[number][]
      : Positions['length'] extends 1
        ? Args[Positions[0] & number]
        : AtPositions<Args, Positions[number]>
    : Args[0];

type Last<Args extends readonly unknown[]> = Args extends readonly [...unknown[], infer Final] ? Final : never;

type ByName<Args extends readonly unknown[], Names> = {
  [Name in Names extends readonly string[] ? Names[number] : Names & string]: Name extends keyof Last<Args>
    ? NonNullable<Last<Args>[Name]>
    : never;
};

type Of<Args extends readonly unknown[], Positions extends Argnums, Names extends Argnames> = Names extends
  | string
  | readonly string[]
  ? [Positions extends null | undefined ? null : ByPosition<Args, Positions>, ByName<Args, Names>]
  : ByPosition<Args, Positions>;

/**
 * What the gradient of a function looks like: as the chosen arguments do, the first by default. With names it is
 * `[by position or null, by name]`.
 */
export type Gradients<Fun extends AnyFunction, Positions extends Argnums, Names extends Argnames> = Of<
  Required<Parameters<Fun>>,
  Positions,
  Names
>;
