import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { ArgumentError, type core as mx, registry, shutdown } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { assertModule, checkModule, modules } from '../index.ts';

afterAll(() => shutdown());

const few = fc.integer({ min: 1, max: 3 });
const described = {
  arguments: fc.tuple(few, few),
  keywords: fc.record({ bias: fc.boolean() }, { requiredKeys: [] }),
  inputs: ([size]: readonly unknown[]) => few.map((rows) => [{ shape: [rows, size as number] }]),
};

it('is offered without operations of the library’s own tests', () => {
  expect(registry.all().filter(({ name }) => name.startsWith('module_reference'))).toEqual([]);
});

it('proves a port', () => {
  registry.registerModule({ name: 'own_parity.linear', python: 'mlx.nn:Linear', native: nn.Linear });
  modules('own_parity.linear', described);
  expect(assertModule('own_parity.linear', { runs: 10 })).toMatchObject({ runs: 10, failure: null });
});

it('shows the smallest module that differs, and how', () => {
  class Doubled extends nn.Linear {
    override forward(x: mx.Array): mx.Array {
      return super.forward(x).multiply(1 + 2 ** -23);
    }
  }
  registry.registerModule({ name: 'own_parity.doubled', python: 'mlx.nn:Linear', native: Doubled });
  modules('own_parity.doubled', described);
  const { failure } = checkModule('own_parity.doubled', { runs: 10 });
  expect(failure?.difference).toMatch(/^the port and Python: /);
  expect(failure?.sample).toContain('"args":[1,1]');
  expect(() => assertModule('own_parity.doubled', { runs: 10 })).toThrow(/own_parity.doubled differs from Python's/);
});

it('finds a parameter of another name', () => {
  class Renamed extends nn.Module {
    w: mx.Array;
    constructor(inputs: number, outputs: number) {
      super();
      this.w = new nn.Linear(inputs, outputs).weight;
    }
    override forward(x: mx.Array): mx.Array {
      return x.matmul(this.w.T);
    }
  }
  registry.registerModule({ name: 'own_parity.renamed', python: 'mlx.nn:Linear', native: Renamed });
  modules('own_parity.renamed', described);
  expect(checkModule('own_parity.renamed', { runs: 3 }).failure?.difference).toContain('initial: named w and');
});

it('refuses what cannot be compared', () => {
  expect(() => modules('own_parity.nothing', described)).toThrow(ArgumentError);
  expect(() => modules('add', described)).toThrow(ArgumentError);
  expect(() => checkModule('own_parity.nothing')).toThrow(/parity.modules/);
  registry.registerModule({ name: 'own_parity.python', python: 'mlx.nn:Linear' });
  modules('own_parity.python', described);
  expect(() => checkModule('own_parity.python')).toThrow(/a port/);
});
