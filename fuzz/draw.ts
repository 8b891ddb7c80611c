import fc from 'fast-check';
import { registry } from '../mlx/index.ts';
import { programs } from '../parity-tests/programs/generate.ts';
import { type Program, WRAPPERS } from '../parity-tests/programs/program.ts';
import type { Steps } from './attack.ts';
import { Printer } from './print.ts';
import { Random } from './random.ts';
import { anySteps } from './templates.ts';

/** A fused kernel takes seconds to compile, so most programs have none. */
const UNCOMPILED = WRAPPERS.filter((wrapper) => wrapper !== 'compile');
const COMPILED = 0.01;

const drawn = new Map<boolean, fc.Arbitrary<Program>>();

function validPrograms(isCompiled: boolean): fc.Arbitrary<Program> {
  const known = drawn.get(isCompiled);
  if (known !== undefined) return known;
  const operations = registry.all().filter(({ sample, python }) => sample.generator !== 'none' && python !== null);
  const wrappers = isCompiled ? WRAPPERS : UNCOMPILED;
  const arbitrary = programs(operations, { steps: 8, depth: 2, wrappers });
  drawn.set(isCompiled, arbitrary);
  return arbitrary;
}

/** The program of that number, the same every time: valid calls that feed each other, and hostile ones. */
export function draw(seed: number): Steps {
  const random = new Random(seed);
  const steps: string[] = [];
  if (random.chance(0.6)) {
    const [program] = fc.sample(validPrograms(random.chance(COMPILED)), { seed, numRuns: 1 });
    steps.push(...new Printer(random).program(program as Program));
  }
  for (let i = random.below(3); i >= 0; i--) steps.push(...anySteps(random, steps.length));
  return steps;
}
