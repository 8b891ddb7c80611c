import type { Call } from '../call.ts';

/** Where a tensor of a call comes from in place of its own recipe: a value made before, counted back from the last. */
export interface Source {
  readonly back: number;
  /** As it is, whatever its shape and dtype; otherwise made to be what the recipe says. */
  readonly raw: boolean;
}

export const WRAPPERS = [
  'grad',
  'valueAndGrad',
  'vjp',
  'jvp',
  'vmap',
  'checkpoint',
  'customFunction',
  'customVjp',
  'compile',
] as const;
export type Wrapper = (typeof WRAPPERS)[number];

export const EFFECTS = ['eval', 'asyncEval', 'item', 'tolist', 'text', 'data', 'dispose'] as const;
export type Effect = (typeof EFFECTS)[number];

export interface CallStep {
  readonly kind: 'call';
  readonly call: Call;
  /** One for each tensor of the call; null: its own recipe. */
  readonly sources: readonly (Source | null)[];
}

export interface WrapperStep {
  readonly kind: 'wrapper';
  readonly wrapper: Wrapper;
  /** Values made before, counted back, that become the function's arguments. */
  readonly inputs: readonly number[];
  /** For vmap: the axis of each argument, by its remainder; null: not mapped. */
  readonly axes: readonly (number | null)[];
  readonly shapeless: boolean;
  readonly body: readonly Step[];
  /** Values of the body, counted back, that the function gives. */
  readonly outputs: readonly number[];
}

export interface EffectStep {
  readonly kind: 'effect';
  readonly effect: Effect;
  readonly back: number;
}

export type Step = CallStep | WrapperStep | EffectStep;

/** Steps that use each other's results. One that fails gives nothing, and those after it take their own tensors. */
export interface Program {
  readonly steps: readonly Step[];
}

/** How many steps there are, those of bodies included: each has a number, in order of text. */
export function countSteps(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + 1 + (step.kind === 'wrapper' ? countSteps(step.body) : 0), 0);
}

/** The program with those steps left out. */
export function without(program: Program, dropped: ReadonlySet<number>): Program {
  let next = 0;
  const keep = (steps: readonly Step[]): Step[] =>
    steps.flatMap((step): Step[] => {
      const isDropped = dropped.has(next++);
      if (step.kind !== 'wrapper') return isDropped ? [] : [step];
      const body = keep(step.body);
      return isDropped ? [] : [{ ...step, body }];
    });
  return { steps: keep(program.steps) };
}
