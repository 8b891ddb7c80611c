import fc from 'fast-check';
import * as optimizers from '../../mlx/optimizers/index.ts';
import type { InputSpec, Options } from './rows.ts';

// A row for each loss, initializer, schedule and optimizer: what to draw for it. Names are those here; Python's are the
// same in snake_case.

/** A number, a list of numbers, or a schedule: its name and its arguments. */
export type ScheduleArgument = number | readonly (number | string | readonly (number | string)[])[];

export interface LossRow {
  readonly name: string;
  readonly options: fc.Arbitrary<Options>;
  readonly inputs: fc.Arbitrary<readonly LossInput[]>;
}

/** `positive`: from 0.1 up; `signs`: -1 and 1; `probabilities`: between 0 and 1. */
export interface LossInput extends InputSpec {
  readonly range?: 'positive' | 'signs' | 'probabilities';
}

const few = fc.integer({ min: 1, max: 5 });
const reduction = fc.constantFrom('none', 'mean', 'sum');
const shape = fc.array(few, { minLength: 1, maxLength: 3 });

function optional(options: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Options> {
  return fc.record({ reduction, ...options }, { requiredKeys: [] }) as fc.Arbitrary<Options>;
}

function alike(count: number, ranges: readonly LossInput['range'][] = []): fc.Arbitrary<LossInput[]> {
  return shape.map((extents) =>
    Array.from({ length: count }, (_, i) => {
      const range = ranges[i];
      return { shape: extents, ...(range !== undefined && { range }) };
    }),
  );
}

const classes = fc
  .tuple(few, few)
  .map(([n, count]): LossInput[] => [{ shape: [n, count] }, { shape: [n], below: count }]);

export const LOSSES: readonly LossRow[] = [
  { name: 'crossEntropy', options: optional({ labelSmoothing: fc.constantFrom(0.1, 0.5) }), inputs: classes },
  {
    name: 'crossEntropy',
    options: optional({ axis: fc.constant(-1) }),
    inputs: fc
      .tuple(few, few)
      .map(([n, count]) => [{ shape: [n, count] }, { shape: [n, count], range: 'probabilities' }]),
  },
  { name: 'binaryCrossEntropy', options: optional({}), inputs: alike(2, [undefined, 'probabilities']) },
  {
    name: 'binaryCrossEntropy',
    options: optional({}).map((given) => ({ ...given, withLogits: false })),
    inputs: alike(2, ['probabilities', 'probabilities']),
  },
  { name: 'l1Loss', options: optional({}), inputs: alike(2) },
  { name: 'mseLoss', options: optional({}), inputs: alike(2) },
  { name: 'nllLoss', options: optional({}), inputs: classes },
  {
    name: 'gaussianNllLoss',
    options: optional({ full: fc.boolean(), eps: fc.constant(1e-3) }),
    inputs: alike(3, [undefined, undefined, 'positive']),
  },
  { name: 'klDivLoss', options: optional({ axis: fc.constant(0) }), inputs: alike(2) },
  { name: 'smoothL1Loss', options: optional({ beta: fc.constantFrom(0.5, 2) }), inputs: alike(2) },
  {
    name: 'tripletLoss',
    options: optional({ margin: fc.constantFrom(0.5, 2), p: fc.constantFrom(2, 3) }),
    inputs: alike(3),
  },
  { name: 'hingeLoss', options: optional({}), inputs: alike(2, [undefined, 'signs']) },
  { name: 'huberLoss', options: optional({ delta: fc.constantFrom(0.5, 2) }), inputs: alike(2) },
  { name: 'logCoshLoss', options: optional({}), inputs: alike(2) },
  {
    name: 'cosineSimilarityLoss',
    options: optional({ eps: fc.constant(1e-4) }),
    inputs: fc.tuple(few, few).map((extents) => [{ shape: extents }, { shape: extents }]),
  },
  {
    name: 'marginRankingLoss',
    options: optional({ margin: fc.constant(0.25) }),
    inputs: alike(3, [undefined, undefined, 'signs']),
  },
];

export interface InitializerRow {
  readonly name: string;
  /** In Python's order. */
  readonly args: fc.Arbitrary<readonly number[]>;
  readonly shape: fc.Arbitrary<readonly number[]>;
}

const nothing = fc.constant<readonly number[]>([]);
const matrix = fc.tuple(few, few);

export const INITIALIZERS: readonly InitializerRow[] = [
  { name: 'constant', args: fc.tuple(fc.constantFrom(0.5, 3)), shape },
  { name: 'normal', args: fc.constantFrom([], [0.5], [0.5, 2]), shape },
  { name: 'uniform', args: fc.constantFrom([], [-1], [-1, 2]), shape },
  { name: 'identity', args: nothing, shape: few.map((n) => [n, n]) },
  ...['glorotNormal', 'glorotUniform', 'heNormal', 'heUniform'].map((name) => ({
    name,
    args: nothing,
    shape: fc.array(few, { minLength: 2, maxLength: 4 }),
  })),
  { name: 'sparse', args: fc.constantFrom([0.5], [0.25, 1, 2]), shape: matrix },
  { name: 'orthogonal', args: fc.constantFrom([], [2]), shape: matrix },
];

export interface ScheduleRow {
  readonly name: string;
  readonly args: fc.Arbitrary<readonly ScheduleArgument[]>;
}

export const SCHEDULES: readonly ScheduleRow[] = [
  { name: 'exponentialDecay', args: fc.tuple(fc.constantFrom(0.1, 1), fc.constantFrom(0.5, 0.9)) },
  { name: 'stepDecay', args: fc.tuple(fc.constantFrom(0.1, 1), fc.constantFrom(0.5, 0.9), few) },
  {
    name: 'cosineDecay',
    args: fc.tuple(fc.constantFrom(0.1, 1), fc.integer({ min: 1, max: 20 }), fc.constantFrom(0, 0.01)),
  },
  {
    name: 'linearSchedule',
    args: fc.tuple(fc.constantFrom(0, 0.1), fc.constantFrom(0.5, 1), fc.integer({ min: 1, max: 20 })),
  },
  {
    name: 'joinSchedules',
    args: fc.tuple(few, fc.integer({ min: 1, max: 20 })).map(([boundary, steps]) => [
      [
        ['linearSchedule', 0, 1, boundary],
        ['cosineDecay', 1, steps],
        ['exponentialDecay', 0.5, 0.9],
      ],
      [boundary, boundary + steps],
    ]),
  },
];

export interface OptimizerRow {
  readonly name: string;
  /** Makes the optimizer, where its constructor takes no options. */
  readonly make?: (options: Options) => optimizers.Optimizer;
  /** What makes it in Python, where it is not the class of the same name: a function of `module_reference`. */
  readonly python?: string;
  readonly options: fc.Arbitrary<Options>;
}

const learningRate = fc.constantFrom(0.1, 0.01);

function settings(options: Record<string, fc.Arbitrary<unknown>> = {}): fc.Arbitrary<Options> {
  return fc.record({ learningRate, ...options }, { requiredKeys: ['learningRate'] }) as fc.Arbitrary<Options>;
}

const weightDecay = fc.constantFrom(0.01, 0.1);
const eps = fc.constantFrom(1e-8, 1e-3);
const betas = fc.constantFrom([0.8, 0.9], [0.9, 0.99]);

export const OPTIMIZERS: readonly OptimizerRow[] = [
  {
    name: 'SGD',
    options: settings({ momentum: fc.constantFrom(0.5, 0.9), weightDecay, dampening: fc.constant(0.25) }),
  },
  { name: 'SGD', options: settings({ weightDecay }).map((given) => ({ ...given, momentum: 0.9, nesterov: true })) },
  { name: 'RMSprop', options: settings({ alpha: fc.constantFrom(0.5, 0.9), eps }) },
  { name: 'Adagrad', options: settings({ eps }) },
  { name: 'AdaDelta', options: settings({ rho: fc.constantFrom(0.5, 0.95), eps }) },
  { name: 'Adam', options: settings({ betas, eps, biasCorrection: fc.boolean() }) },
  { name: 'AdamW', options: settings({ betas, eps, weightDecay, biasCorrection: fc.boolean() }) },
  { name: 'Adamax', options: settings({ betas, eps }) },
  { name: 'Lion', options: settings({ betas, weightDecay }) },
  { name: 'Adafactor', options: settings({ beta1: fc.constant(0.9), weightDecay, scaleParameter: fc.boolean() }) },
  {
    name: 'Adafactor',
    options: fc.record(
      { warmupInit: fc.boolean(), decayRate: fc.constant(-0.5) },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Options>,
  },
  {
    name: 'Muon',
    options: settings({ momentum: fc.constant(0.9), nesterov: fc.boolean(), nsSteps: fc.constantFrom(3, 5) }),
  },
  {
    name: 'MultiOptimizer',
    make: ({ learningRate }) =>
      new optimizers.MultiOptimizer(
        [new optimizers.SGD({ learningRate: learningRate as number, momentum: 0.5 }), new optimizers.Adam(0.1)],
        [(path) => path.endsWith('weight')],
      ),
    python: 'reference.multi_optimizer',
    options: settings(),
  },
];
