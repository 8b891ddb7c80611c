import fc from 'fast-check';
import type { BuiltInBackend } from '../../foundation/errors/errors.ts';
import { registry } from '../../mlx/index.ts';
import type { Operation } from '../../registry/operation.ts';
import { compareOutcomes, describeOutcome, type Outcome } from '../compare.ts';
import { hasBothSides } from '../sides.ts';
import { programs } from './generate.ts';
import { countSteps, type Program, WRAPPERS, without } from './program.ts';
import { type Run, runProgram } from './run.ts';
import { programText } from './text.ts';

/** How a program is run beside its run on native. */
const MODES = ['python', 'pipeline', 'mixed'] as const;
type ProgramMode = (typeof MODES)[number];

interface ProgramFailure {
  readonly seed: number;
  readonly mode: ProgramMode;
  /** The step at the top that differs, in the smallest program found. */
  readonly step: number;
  readonly message: string;
  readonly program: string;
}

/** What Python gives after such an error is memory out of bounds, and a fused kernel takes seconds to compile. */
const isTried = ({ namespace, name }: Operation) => namespace !== 'linalg' && name !== 'multivariate_normal';
const UNCOMPILED = WRAPPERS.filter((wrapper) => wrapper !== 'compile');
const LIMITS = { steps: 25, depth: 3, wrappers: UNCOMPILED };

let arbitrary: fc.Arbitrary<Program> | undefined;

/** The program of that number, the same every time. */
export function programOf(seed: number): Program {
  const isRun = (operation: Operation) => operation.sample.generator !== 'none' && hasBothSides(operation);
  arbitrary ??= programs(
    registry.all().filter((operation) => isRun(operation) && isTried(operation)),
    LIMITS,
  );
  return fc.sample(arbitrary, { seed, numRuns: 1 })[0] as Program;
}

function sideOf(mode: ProgramMode): (step: number) => BuiltInBackend {
  if (mode !== 'mixed') return () => 'python';
  return (step) => (((Math.imul(step + 1, 0x9e3779b1) >>> 13) & 1) === 0 ? 'python' : 'native');
}

interface Difference {
  readonly mode: ProgramMode;
  readonly step: number;
  readonly message: string;
}

/** Errors in a pipeline are said later, and in other words. */
function sameWords(outcome: Outcome): Outcome {
  return outcome.kind === 'error' ? { ...outcome, message: '' } : outcome;
}

function firstDifference(mode: ProgramMode, native: Run, other: Run): Difference | undefined {
  const isLate = (outcome: Outcome, step: number) => outcome.kind === 'error' && native.refused[step] !== true;
  // To cross, a tensor is computed: an error that no read would have reported is reported.
  if (mode === 'mixed' && native.outcomes.some(isLate)) return undefined;
  for (const [step, expected] of native.outcomes.entries()) {
    const found = other.outcomes[step] as Outcome;
    if (mode === 'pipeline' && native.refused[step] === true) continue;
    const words = mode === 'pipeline' ? sameWords : (outcome: Outcome) => outcome;
    const { difference } = compareOutcomes(words(expected), words(found), 0);
    if (difference === undefined) continue;
    return { mode, step, message: `${difference}\n${describeOutcome(expected)}\n${describeOutcome(found)}` };
  }
  return undefined;
}

async function differenceOf(program: Program, modes: readonly ProgramMode[]): Promise<Difference | undefined> {
  const native = await runProgram(program, { sideOf: () => 'native' });
  for (const mode of modes) {
    const { known, refused } = native;
    const deferred = mode === 'pipeline' ? { known, refused, pipeline: true } : {};
    const difference = firstDifference(mode, native, await runProgram(program, { sideOf: sideOf(mode), ...deferred }));
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Runs the program in every mode, and if they differ makes it as small as it differs. */
export async function checkProgram(seed: number): Promise<ProgramFailure | undefined> {
  const program = programOf(seed);
  let difference = await differenceOf(program, MODES);
  if (difference === undefined) return undefined;
  const dropped = new Set<number>();
  for (let step = countSteps(program.steps) - 1; step >= 0; step--) {
    const smaller = await differenceOf(without(program, new Set([...dropped, step])), [difference.mode]);
    if (smaller === undefined) continue;
    dropped.add(step);
    difference = smaller;
  }
  return { seed, ...difference, program: programText(without(program, dropped)) };
}
