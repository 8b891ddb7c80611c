import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { registry, shutdown } from '../mlx/index.ts';
import { qualifiedName } from '../registry/operation.ts';
import type { Sample } from '../registry/sample.ts';
import { argumentsFor } from './arbitraries/calls.ts';
import { bothSides, checkOperation, type Runner } from './check.ts';
import { failureText } from './report/text.ts';
import { hasBothSides } from './sides.ts';

const RUNS = 15;
const SEED = 20_261_121;

const compared = registry
  .all()
  .filter((operation) => operation.sample.generator !== 'none' && hasBothSides(operation))
  .map((operation) => [qualifiedName(operation), operation] as const);

afterAll(() => shutdown());

describe('both backends agree on', () => {
  it.each(compared)('%s', (_, operation) => {
    const report = checkOperation(operation, { runs: RUNS, seed: SEED });
    const differences = report.failures.map((failure) => failureText(report, failure)).join('\n\n');
    expect(report.status === 'failed' ? differences : '').toBe('');
    expect(report.runs).toBe(RUNS);
    expect(report.errorRuns).toBeGreaterThanOrEqual(10);
  });
});

describe('the samples', () => {
  it('every operation with a special sample that both backends have has its generator', () => {
    const without = compared.filter(([, operation]) => argumentsFor(operation) === undefined).map(([name]) => name);
    expect(without).toEqual([]);
  });
});

/** Native as it would be if its last byte were wrong for tensors of more than three elements. */
const corrupt: Runner = (call) => {
  const { native, python } = bothSides(call);
  if (native.kind === 'result' && native.contents.kind === 'tensor' && native.contents.bytes.length > 12) {
    const bytes = new Uint8Array(native.contents.bytes);
    bytes[0] = (bytes[0] as number) ^ 1;
    return { native: { kind: 'result', contents: { ...native.contents, bytes } }, python };
  }
  return { native, python };
};

const add = registry.find('add')!;
const sampled = (sample: Partial<Sample>) =>
  ({ ...add, sample: { ...add.sample, dtypes: 'float32', ...sample } }) as typeof add;

describe('a difference', () => {
  it('of one bit is found, made small, and shown as programs', () => {
    const report = checkOperation(sampled({ values: 'finite' }), { runs: 60, seed: 1, runner: corrupt });
    expect(report.status).toBe('failed');
    const failure = report.failures[0]!;
    expect(failure.message).toMatch(/1 ULP apart/);
    expect(failure.shrinks).toBeGreaterThan(0);
    // Four elements are the least that show it.
    const size = /^float32 \[([\d,]+)\]/
      .exec(failure.native)![1]!
      .split(',')
      .reduce((product, n) => product * Number(n), 1);
    expect(size).toBe(4);
    expect(failure.typescript).toContain('mx.add(');
    const python = spawnSync('.venv/bin/python', ['-c', failure.pythonSource], { encoding: 'utf8' });
    expect(python.stderr).toBe('');
    expect(python.stdout).toContain('array(');
  });

  it('is found again by its path', () => {
    const operation = sampled({ values: 'finite' });
    const first = checkOperation(operation, { runs: 60, seed: 1, runner: corrupt }).failures[0]!;
    const again = checkOperation(operation, { runs: 60, seed: 1, runner: corrupt, path: first.path! });
    expect(again.failures[0]?.typescript).toBe(first.typescript);
  });

  it('within the written tolerance is none, and is reported', () => {
    const operation = sampled({ values: 'positive', tolerance: { ulp: 1, reason: 'for this test' } });
    const report = checkOperation(operation, { runs: 30, seed: 1, runner: corrupt });
    expect(report.failures.filter(({ kind }) => kind === 'call')).toEqual([]);
    expect(report.maxUlp).toBe(1);
    expect(report.reason).toBe('for this test');
  });

  it('that is a known gap passes, and fails the run when the backends agree', () => {
    const operation = { ...add, sample: { ...add.sample, knownGap: 'for this test' } };
    const options = { runs: 60, seed: 1 };
    expect(checkOperation(operation, { ...options, runner: corrupt }).status).toBe('gap');
    const closed = checkOperation(operation, options);
    expect(closed.status).toBe('failed');
    expect(closed.failures[0]).toMatchObject({ kind: 'gap closed' });
  });

  it.each([
    ['a result', { kind: 'result', contents: { kind: 'plain', value: 1 } }],
    ['another class', { kind: 'error', name: 'TypeError', code: null, message: 'x' }],
    ['a worker that exited', { kind: 'error', name: 'WorkerDiedError', code: 'ERR_MLX_WORKER_DIED', message: 'x' }],
    ['another text', { kind: 'error', name: 'ArgumentError', code: 'ERR_MLX_ARGUMENT', message: 'mx.add: y' }],
  ] as const)('against an error is %s', (_, native) => {
    const python = { kind: 'error', name: 'ArgumentError', code: 'ERR_MLX_ARGUMENT', message: 'mx.add: x' } as const;
    const report = checkOperation(add, { runs: 5, seed: 1, runner: () => ({ native, python }) });
    expect(report.status).toBe('failed');
  });

  it('of an operation of the user is found too', () => {
    registry.register({
      name: 'parity_test.doubled',
      python: 'operator:pos',
      native: (x: { shape: readonly number[] }) => registry.call('multiply', x, 2),
    });
    const operation = registry.find('parity_test.doubled')!;
    expect(hasBothSides(operation)).toBe(true);
    const generated = { ...operation, sample: { generator: 'tensor', dtypes: 'float32', values: 'positive' } } as const;
    const report = checkOperation(generated, { runs: 20, seed: 3 });
    expect(report.status).toBe('failed');
  });
});
