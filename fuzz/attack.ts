import type { Implementation } from '../foundation/errors/errors.ts';

/**
 * A drawn program as plain data: expressions of TypeScript, run one after another, that know the names of `scope.ts` and
 * keep what they make in `v`. One that awaits is waited for; the promise of any other is held while the program goes on.
 */
export type Steps = readonly string[];

/** Where calls go: the usual way, or to Python wherever Python can. */
export type Side = Implementation;
export const SIDES: readonly Side[] = ['native', 'python'];

/** What may come of a step that is a fault of the library's, or of a whole process. */
export type FaultKind = 'crash' | 'hang' | 'memory' | 'untyped error' | 'unhandled rejection';

export interface Fault {
  readonly kind: FaultKind;
  /** The same for faults that are taken for one. */
  readonly signature: string;
  readonly message: string;
}

/** Faults are one where they differ in numbers and quoted values alone. */
export function signatureOf(kind: FaultKind, message: string, place: string): string {
  const words = message
    .split('\n', 1)[0]!
    .replace(/\d+/g, 'N')
    .replace(/"[^"]*"|'[^']*'/g, '…')
    .slice(0, 120);
  return `${kind}: ${words} (${place})`;
}

export interface Tally {
  programs: number;
  /** Steps that were run. */
  calls: number;
  answered: number;
  typed: number;
  /** Errors of the drawn program itself, such as a method of what is undefined. */
  own: number;
  untyped: number;
  unhandled: number;
}

export const emptyTally = (): Tally => ({
  programs: 0,
  calls: 0,
  answered: 0,
  typed: 0,
  own: 0,
  untyped: 0,
  unhandled: 0,
});

export function addTally(into: Tally, more: Tally): void {
  for (const name of Object.keys(into) as (keyof Tally)[]) into[name] += more[name];
}
