import { afterAll, describe, expect, it } from 'vitest';
import { type core as mx, shutdown } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { checkLayer, findReference } from './check.ts';
import { LAYERS } from './rows.ts';
import { MODULE_CHECKS } from './run.ts';

findReference();
afterAll(() => shutdown());

// Each kind has its turn here; all rows are what `mlx-router parity --modules` is for, and take minutes.
const SHARE = 3;

describe('equal to Python’s own in every bit', () => {
  for (const [i, { name, run }] of MODULE_CHECKS.entries()) {
    if (i % SHARE !== 0) continue;
    it(`${name} (${i})`, () => {
      const { failure } = run({ runs: 2, seed: 20261129 });
      expect(failure && `${failure.difference}\n${failure.sample}`).toBe(null);
    });
  }
});

it('says what differs', () => {
  const row = LAYERS.find(({ name }) => name === 'Linear');
  if (row === undefined) throw new Error('there is no row for Linear');
  class Linear extends nn.Linear {
    override forward(x: mx.Array): mx.Array {
      return super.forward(x).multiply(1 + 2 ** -23);
    }
  }
  const sample = { options: { inputDims: 2, outputDims: 2 }, inputs: [{ shape: [4, 2] }], seed: 1, training: true };
  expect(checkLayer(row, sample)).toBe(undefined);
  expect(checkLayer(row, sample, () => new Linear(2, 2))).toMatch(/^native and Python's own: gradients of bias/);
});
