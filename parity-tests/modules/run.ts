import fc from 'fast-check';
import { messageOf } from '../../foundation/errors/message.ts';
import { checkLayer, samples } from './check.ts';
import { checkInitializer, checkLoss, checkOptimizer, checkSchedule } from './check-functions.ts';
import { INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES } from './function-rows.ts';
import { LAYERS } from './rows.ts';

export type ModuleKind = 'layer' | 'loss' | 'initializer' | 'schedule' | 'optimizer';

/** One row, as it is run: what to draw, and what tells the first difference. */
export interface ModuleCheck {
  readonly kind: ModuleKind;
  readonly name: string;
  readonly run: (how: { readonly runs: number; readonly seed: number }) => ModuleReport;
}

export interface ModuleReport {
  readonly kind: ModuleKind;
  readonly name: string;
  readonly runs: number;
  /** The smallest sample that differed, and how. */
  readonly failure: { readonly sample: string; readonly difference: string } | null;
}

function check<Sample>(
  kind: ModuleKind,
  name: string,
  drawn: fc.Arbitrary<Sample>,
  differenceOf: (sample: Sample) => string | undefined,
): ModuleCheck {
  const run: ModuleCheck['run'] = ({ runs, seed }) => {
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
    const { counterexample, numRuns } = fc.check(property, { numRuns: runs, seed });
    const failure = counterexample === null ? null : { sample: fc.stringify(counterexample[0]), difference };
    return { kind, name, runs: numRuns, failure };
  };
  return { kind, name, run };
}

const seeds = fc.nat(1_000_000);

/** Every row of `nn` and `optimizers`. */
export const MODULE_CHECKS: readonly ModuleCheck[] = [
  ...LAYERS.map((row) => check('layer', `nn.${row.name}`, samples(row), (sample) => checkLayer(row, sample))),
  ...LOSSES.map((row) =>
    check('loss', `nn.losses.${row.name}`, fc.tuple(row.options, row.inputs, seeds), (sample) =>
      checkLoss(row, ...sample),
    ),
  ),
  ...INITIALIZERS.map((row) =>
    check('initializer', `nn.init.${row.name}`, fc.tuple(row.args, row.shape, seeds), (sample) =>
      checkInitializer(row, ...sample),
    ),
  ),
  ...SCHEDULES.map((row) => check('schedule', `optimizers.${row.name}`, row.args, (args) => checkSchedule(row, args))),
  ...OPTIMIZERS.map((row) =>
    check('optimizer', `optimizers.${row.name}`, fc.tuple(row.options, seeds), (sample) =>
      checkOptimizer(row, ...sample),
    ),
  ),
];
