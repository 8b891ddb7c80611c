import fc from 'fast-check';
import { FUNCTIONS } from './activation-rows.ts';
import { checkLayer, samples } from './check.ts';
import { checkFunction, checkInitializer, checkLoss, checkOptimizer, checkSchedule } from './check-functions.ts';
import { checkTraining, isTrainable } from './check-training.ts';
import { INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES } from './function-rows.ts';
import { firstDifference, type SampleFailure } from './property.ts';
import { LAYERS, type LayerRow } from './rows.ts';
import { checkWrong } from './wrong.ts';
import { type WrongCall, wrongCalls } from './wrong-calls.ts';
import { reasonsOf } from './wrong-reasons.ts';

export type ModuleKind = 'layer' | 'function' | 'loss' | 'initializer' | 'schedule' | 'optimizer';

/** One row, as it is run: what to draw, and what tells the first difference. */
export interface ModuleCheck {
  readonly kind: ModuleKind;
  readonly name: string;
  /** What is not compared, or differs, each with its reason. */
  readonly reasons: readonly string[];
  readonly run: (how: { readonly runs: number; readonly seed: number }) => RowReport;
}

export interface ModuleReport {
  readonly kind: ModuleKind;
  readonly name: string;
  readonly runs: number;
  readonly failure: SampleFailure | null;
}

/** What one row came to. */
export interface RowReport extends ModuleReport {
  /** Layers that were trained for ten steps; of an optimizer each run is one. */
  readonly trainings: number;
  /** Calls with arguments that are wrong. */
  readonly wrongCalls: number;
  /** What is not compared, or differs, each with its reason. */
  readonly reasons: readonly string[];
  readonly milliseconds: number;
}

/** One property of a row, with so many samples for each run that is asked for. */
interface Part {
  readonly what: 'runs' | 'trainings' | 'wrongCalls';
  readonly share: number;
  /** Whether there is something to compare; asked as late as can be. */
  readonly applies: () => boolean;
  readonly check: (how: { readonly numRuns: number; readonly seed: number }) => ReturnType<typeof firstDifference>;
}

function part<Sample>(
  what: Part['what'],
  share: number,
  drawn: fc.Arbitrary<Sample>,
  differenceOf: (sample: Sample) => string | undefined,
  applies = () => true,
): Part {
  return { what, share, applies, check: (how) => firstDifference(drawn, differenceOf, how) };
}

function wrong(kind: ModuleKind, name: string, drawn: fc.Arbitrary<WrongCall>): Part {
  return part('wrongCalls', 0.5, drawn, (call) => checkWrong(kind, name, call));
}

function row(kind: ModuleKind, name: string, reasons: readonly string[], parts: readonly Part[]): ModuleCheck {
  const run: ModuleCheck['run'] = ({ runs, seed }) => {
    const start = performance.now();
    const counts = { runs: 0, trainings: 0, wrongCalls: 0 };
    let failure: ModuleReport['failure'] = null;
    for (const { what, share, applies, check } of parts) {
      if (!applies()) continue;
      const found = check({ numRuns: Math.max(1, Math.ceil(runs * share)), seed });
      counts[what] += found.runs;
      failure ??= found.failure;
    }
    return { kind, name, ...counts, failure, reasons, milliseconds: Math.round(performance.now() - start) };
  };
  return { kind, name, reasons, run };
}

const seeds = fc.nat(1_000_000);

function layer(given: LayerRow): ModuleCheck {
  const name = `nn.${given.name}`;
  const reasons = [...(given.limit === undefined ? [] : [given.limit]), ...reasonsOf(name)];
  return row('layer', name, reasons, [
    part('runs', 1, samples(given), (sample) => checkLayer(given, sample)),
    part(
      'trainings',
      0.1,
      samples(given),
      (sample) => checkTraining(given, sample),
      () => isTrainable(given),
    ),
    wrong('layer', name, wrongCalls.ofLayer(given)),
  ]);
}

/** Every row of `nn` and `optimizers`. */
export const MODULE_CHECKS: readonly ModuleCheck[] = [
  ...LAYERS.map(layer),
  ...FUNCTIONS.map((given) =>
    row('function', given.name, reasonsOf(given.name), [
      part('runs', 1, fc.tuple(given.inputs, given.args, seeds), (sample) => checkFunction(given, ...sample)),
      wrong('function', given.name, wrongCalls.ofFunction(given)),
    ]),
  ),
  ...LOSSES.map((given) => {
    const name = `nn.losses.${given.name}`;
    return row('loss', name, reasonsOf(name), [
      part('runs', 1, fc.tuple(given.options, given.inputs, seeds), (sample) => checkLoss(given, ...sample)),
      wrong('loss', name, wrongCalls.ofLoss(given)),
    ]);
  }),
  ...INITIALIZERS.map((given) => {
    const name = `nn.init.${given.name}`;
    return row('initializer', name, reasonsOf(name), [
      part('runs', 1, fc.tuple(given.args, given.shape, seeds), (sample) => checkInitializer(given, ...sample)),
      wrong('initializer', name, wrongCalls.ofInitializer(given)),
    ]);
  }),
  ...SCHEDULES.map((given) => {
    const name = `optimizers.${given.name}`;
    return row('schedule', name, reasonsOf(name), [
      part('runs', 1, given.args, (args) => checkSchedule(given, args)),
      wrong('schedule', name, wrongCalls.ofSchedule(given)),
    ]);
  }),
  ...OPTIMIZERS.map((given) => {
    const name = `optimizers.${given.name}`;
    return row('optimizer', name, reasonsOf(name), [
      part('runs', 1, fc.tuple(given.options, seeds), (sample) => checkOptimizer(given, ...sample)),
      wrong('optimizer', name, wrongCalls.ofOptimizer(given)),
    ]);
  }),
];
