import fc from 'fast-check';
import type { Operation } from '../../registry/operation.ts';
import { calls } from '../arbitraries/calls.ts';
import { recipesOf } from '../call.ts';
import { EFFECTS, type Program, type Source, type Step, WRAPPERS, type Wrapper } from './program.ts';

export interface ProgramLimits {
  readonly steps: number;
  readonly depth: number;
  /** Compiling builds kernels, seconds each where several operations fuse. */
  readonly wrappers?: readonly Wrapper[];
}

/** Mostly a value made just before. */
const back = fc.oneof({ arbitrary: fc.nat(2), weight: 3 }, { arbitrary: fc.nat(40), weight: 1 });

function sources(share: number): fc.Arbitrary<(Source | null)[]> {
  const source = fc.tuple(back, fc.nat(99)).map(([back, n]): Source => ({ back, raw: n < share }));
  return fc.array(fc.option(source, { freq: 4 }), { minLength: 6, maxLength: 6 });
}

/** Programs of the operations, which use each other's results, some in functions that are transformed. */
export function programs(operations: readonly Operation[], limits: ProgramLimits): fc.Arbitrary<Program> {
  const arbitraries = operations.flatMap((operation) => {
    const arbitrary = calls(operation);
    return arbitrary === undefined ? [] : [arbitrary];
  });
  const call = (share: number): fc.Arbitrary<Step> =>
    fc
      .nat(arbitraries.length - 1)
      .chain((i) => fc.tuple(arbitraries[i] as (typeof arbitraries)[number], sources(share)))
      .map(([call, given]) => {
        const isHazard = call.operation.hazard !== undefined;
        const taken = recipesOf(call).map((_, i) => given[i % given.length] ?? null);
        return {
          kind: 'call',
          call,
          sources: isHazard ? taken.map((source) => source && { ...source, raw: false }) : taken,
        };
      });
  const effect: fc.Arbitrary<Step> = fc
    .tuple(fc.constantFrom(...EFFECTS), back)
    .map(([effect, back]) => ({ kind: 'effect', effect, back }));
  const wrapper = (depth: number): fc.Arbitrary<Step> =>
    fc.record({
      kind: fc.constant('wrapper' as const),
      wrapper: fc.constantFrom(...(limits.wrappers ?? WRAPPERS)),
      inputs: fc.array(back, { minLength: 1, maxLength: 3 }),
      axes: fc.array(fc.option(fc.nat(4), { freq: 4 }), { minLength: 3, maxLength: 3 }),
      shapeless: fc.boolean(),
      body: fc.array(step(depth - 1, 2, 1), { minLength: 1, maxLength: 5 }),
      outputs: fc.array(back, { minLength: 1, maxLength: 2 }),
    });
  const step = (depth: number, share: number, effects: number): fc.Arbitrary<Step> =>
    fc.oneof(
      { arbitrary: call(share), weight: 12 },
      { arbitrary: effect, weight: effects },
      ...(depth > 0 ? [{ arbitrary: wrapper(depth), weight: 4 }] : []),
    );
  return fc
    .array(step(limits.depth, 8, 3), { minLength: 5, maxLength: limits.steps, size: 'max' })
    .map((steps) => ({ steps }));
}
