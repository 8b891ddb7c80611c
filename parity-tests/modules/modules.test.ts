import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { shutdown } from '../../mlx/index.ts';
import { checkLayer, findReference, samples } from './check.ts';
import { checkInitializer, checkLoss, checkOptimizer, checkSchedule } from './check-functions.ts';
import { INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES } from './function-rows.ts';
import { LAYERS } from './rows.ts';

findReference();
afterAll(() => shutdown());

const how = { numRuns: 5, seed: 20261129 };
const seeds = fc.nat(1_000_000);

function holds<Sample>(drawn: fc.Arbitrary<Sample>, check: (sample: Sample) => string | undefined): void {
  fc.assert(
    fc.property(drawn, (sample) => {
      expect(check(sample)).toBe(undefined);
    }),
    how,
  );
}

describe('layers are equal to Python’s in every bit: outputs, gradients, parameters, text', () => {
  for (const [i, row] of LAYERS.entries()) {
    it(`${row.name} (${i})`, () => holds(samples(row), (sample) => checkLayer(row, sample)));
  }
});

describe('losses are equal to Python’s in every bit, their gradients too', () => {
  for (const [i, row] of LOSSES.entries()) {
    it(`${row.name} (${i})`, () =>
      holds(fc.tuple(row.options, row.inputs, seeds), (sample) => checkLoss(row, ...sample)));
  }
});

describe('initializers draw what Python’s draw', () => {
  for (const row of INITIALIZERS) {
    it(row.name, () => holds(fc.tuple(row.args, row.shape, seeds), (sample) => checkInitializer(row, ...sample)));
  }
});

describe('schedules are equal to Python’s in every bit', () => {
  for (const row of SCHEDULES) {
    it(row.name, () => holds(row.args, (args) => checkSchedule(row, args)));
  }
});

describe('optimizers are equal to Python’s in every bit after ten steps, their state too', () => {
  for (const [i, row] of OPTIMIZERS.entries()) {
    it(`${row.name} (${i})`, () => holds(fc.tuple(row.options, seeds), (sample) => checkOptimizer(row, ...sample)));
  }
});
