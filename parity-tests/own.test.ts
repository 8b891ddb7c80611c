import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../foundation/errors/errors.ts';
import { core as mx, registry } from '../mlx/index.ts';
import * as parity from './index.ts';

/** The port under test beside Python's own function of that meaning. */
function register(name: string, native: (x: mx.Array, options?: { axis?: number | null }) => unknown): void {
  registry.register({ name, python: 'mlx.core:logsumexp', native });
  parity.calls(name, {
    arguments: fc.tuple(parity.array({ minRank: 1, minSize: 1 })),
    keywords: fc.record({ axis: fc.constantFrom(null, 0, -1) }),
  });
}

describe("an operation of the user's own", () => {
  it('is compared on both sides, bit for bit', () => {
    register('own.same', (x, { axis = null } = {}) => mx.logsumexp(x, { axis }));
    expect(parity.assert('own.same', { runs: 40 })).toMatchObject({
      name: 'own.same',
      family: 'user',
      status: 'passed',
      runs: 40,
      errorRuns: 0,
      maxUlp: 0,
    });
  });

  it('that differs is shown by its smallest call, as a program in both languages', () => {
    register('own.naive', (x, { axis = null } = {}) => mx.log(mx.sum(mx.exp(x), { axis })));
    const report = parity.check('own.naive', { runs: 60 });
    const [failure] = report.failures;
    expect(report.status).toBe('failed');
    expect(failure?.typescript).toContain('registry.call("own.naive", a, { axis: ');
    expect(failure?.pythonSource).toContain('mx.logsumexp(a, axis=');
    expect(() => parity.assert('own.naive', { runs: 60 })).toThrow(/own\.naive: call: /);
  });

  it('may differ as much as its tolerance says, which has a reason', () => {
    register('own.near', (x, { axis = null } = {}) => mx.add(mx.logsumexp(x, { axis }), 0));
    const calls = { arguments: fc.tuple(parity.array({ shape: [3] })), tolerance: { ulp: 1, reason: 'one more sum' } };
    parity.calls('own.near', calls);
    expect(parity.assert('own.near')).toMatchObject({ tolerance: 1, reason: 'one more sum' });
    expect(() => parity.calls('own.near', { ...calls, tolerance: { ulp: 1, reason: ' ' } })).toThrow(ArgumentError);
  });

  it('needs both sides, and a word on its calls', () => {
    registry.register({ name: 'own.unported', python: 'mlx.core:abs' });
    expect(() => parity.check('own.unported')).toThrow('needs both a Python function and a port');
    registry.register({ name: 'own.undescribed', python: 'mlx.core:abs', native: (x: mx.Array) => x.abs() });
    expect(() => parity.check('own.undescribed')).toThrow('parity.calls');
    expect(() => parity.check('own.unknown')).toThrow('no operation is named "own.unknown"');
  });
});
