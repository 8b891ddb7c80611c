import { beforeEach, describe, expect, it } from 'vitest';
import { PYTHON_ONLY, routing } from '../test-support/routing.ts';
import type { ShadowReport } from './shadow.ts';

let { a, call, python, router, ways } = routing();

beforeEach(() => {
  ({ a, call, python, router, ways } = routing());
});

describe('shadow mode', () => {
  it('runs the call on both sides, gives the preferred answer, and reports a difference', () => {
    const reports: ShadowReport[] = [];
    router.onShadow = (report) => reports.push(report);
    router.configure({ shadow: 1 });
    expect(call('abs', a).native).not.toBeNull();
    python.drift = 1;
    expect(call('abs', a).native).not.toBeNull();
    python.drift = 0;
    python.failure = 'boom';
    call('abs', a);
    expect(reports).toEqual([
      { operation: 'abs', difference: undefined },
      { operation: 'abs', difference: 'result: element 0 differs' },
      { operation: 'abs', difference: 'the other backend failed: boom' },
    ]);
  });

  it('shadows awaited calls, too, and its own work is in no count', async () => {
    const reports: ShadowReport[] = [];
    router.onShadow = (report) => reports.push(report);
    router.configure({ shadow: 1 });
    await router.callAsync(router.prepare('abs'), [a]);
    python.drift = 1;
    await router.callAsync(router.prepare('abs'), [a]);
    expect(reports.map(({ difference }) => difference)).toEqual([undefined, 'result: element 0 differs']);
    expect(ways()).toEqual(['native ported']);
    expect(router.telemetry.tallies().map(({ operation, calls }) => [operation, calls])).toEqual([['abs', 2]]);
  });

  it('compares plain data, too', () => {
    const reports: ShadowReport[] = [];
    router.onShadow = (report) => reports.push(report);
    router.configure({ shadow: 1 });
    let found: unknown = { count: 1, names: ['a'] };
    router.registry.add({ name: 'own.facts', python: 'own:facts', native: () => found });
    python.plain = { count: 1, names: ['a'] };
    call('own.facts');
    found = { count: 1, names: ['b'] };
    call('own.facts');
    found = { count: 1 };
    call('own.facts');
    expect(reports.map(({ difference }) => difference)).toEqual([
      undefined,
      'result.names.0: b against a',
      'result: an object of count against an object of count, names',
    ]);
  });

  it('does not shadow what a port calls while it is a shadow itself', () => {
    const reports: ShadowReport[] = [];
    router.onShadow = (report) => reports.push(report);
    router.configure({ shadow: 1 });
    router.registry.add({ name: 'own.abs', python: 'own:abs', native: () => call('abs', a) });
    router.configure({ implementationOverrides: { 'own.abs': 'python' } });
    call('own.abs', a);
    expect(reports.map(({ operation }) => operation)).toEqual(['own.abs']);
  });

  it('survives a listener that throws, and warns of it', async () => {
    router.onShadow = () => {
      throw new Error('of the listener');
    };
    router.configure({ shadow: 1 });
    const warning = new Promise((resolve) => process.once('warning', resolve));
    expect(call('abs', a).native).not.toBeNull();
    expect(await warning).toMatchObject({ message: 'onShadow: the listener failed: Error: of the listener' });
  });

  it('leaves forced calls and operations of one side alone', () => {
    const reports: ShadowReport[] = [];
    router.onShadow = (report) => reports.push(report);
    router.configure({ shadow: 1 });
    call('abs', a, { implementation: 'native' });
    call(PYTHON_ONLY, a, a);
    expect(reports).toEqual([]);
  });

  it('is off by default', () => {
    call('abs', a);
    expect(python.log).toEqual([]);
  });
});
