import fc from 'fast-check';
import { messageOf } from '../../foundation/errors/message.ts';

/** The smallest sample that differed, and how. */
export interface SampleFailure {
  readonly sample: string;
  readonly difference: string;
}

/** Tries drawn samples until one differs; an error is a difference, too. */
export function firstDifference<Sample>(
  drawn: fc.Arbitrary<Sample>,
  differenceOf: (sample: Sample) => string | undefined,
  how: { readonly numRuns: number; readonly seed: number },
): { readonly runs: number; readonly failure: SampleFailure | null } {
  let difference = '';
  const property = fc.property(drawn, (sample) => {
    let found: string | undefined;
    try {
      found = differenceOf(sample);
    } catch (error) {
      found = `an error: ${messageOf(error)}`;
    }
    if (found !== undefined) difference = found;
    return found === undefined;
  });
  const { counterexample, numRuns } = fc.check(property, how);
  const failure = counterexample === null ? null : { sample: fc.stringify(counterexample[0]), difference };
  return { runs: numRuns, failure };
}
