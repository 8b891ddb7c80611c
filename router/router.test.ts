import { beforeEach, describe, expect, it } from 'vitest';
import {
  ArgumentError,
  BackendUnavailableError,
  OperationError,
  UnsupportedOperationError,
} from '../foundation/errors/errors.ts';
import { PYTHON_ONLY, routing } from './test-support/routing.ts';

let { a, call, make, native, python, router, ways } = routing();

beforeEach(() => {
  ({ a, call, make, native, python, router, ways } = routing());
});

describe('a call', () => {
  it('goes to native by the short cut, and is counted', () => {
    call('sum', a);
    call('sum', a, 0);
    expect(native.log).toEqual(['bound sum', 'bound sum']);
    expect(router.telemetry.tallies()).toMatchObject([
      { operation: 'sum', family: 'reduction', implementation: 'native', reason: 'ported', calls: 2 },
    ]);
    expect(python.log).toEqual([]);
  });

  it('goes where the call, the scope, the override or the fallback says', () => {
    call('sum', a, { implementation: 'python' });
    router.withImplementation('python', () => call('sum', a));
    router.configure({ implementationOverrides: { reduction: 'python' } });
    call('sum', a);
    router.configure({ implementationOverrides: {} });
    call(PYTHON_ONLY, a, a);
    expect(ways()).toEqual(['python forced', 'python scoped', 'python override', 'python unported']);
    expect(native.log).toEqual(['read']);
  });

  it('is refused where it must not fall back', () => {
    expect(() => call(PYTHON_ONLY, a, a, { implementation: 'native' })).toThrow(UnsupportedOperationError);
    router.configure({ allowFallback: false });
    expect(() => call(PYTHON_ONLY, a, a)).toThrow(/allowFallback is off/);
    expect(() => call(PYTHON_ONLY, a, a, { implementation: 'python' })).not.toThrow();
  });

  it('is refused with what is wrong where a backend is missing', () => {
    python.problem = 'no Python found';
    expect(() => call(PYTHON_ONLY, a, a)).toThrow(BackendUnavailableError);
    expect(() => call(PYTHON_ONLY, a, a)).toThrow(/no Python found/);
    expect(() => call('sum', a, { implementation: 'python' })).toThrow(/no Python found/);
    expect(() => call('sum', a)).not.toThrow();
  });

  it('goes to Python for everything where there is no addon', () => {
    ({ call, make, ways } = routing({}, 'not built'));
    const b = make();
    expect([b.native, b.python]).toEqual([null, expect.anything()]);
    call('sum', b);
    expect(ways()).toEqual(['python native-unavailable']);
  });

  it("does not retry a caller's mistake on the other side", () => {
    native.failure = 'shapes do not fit';
    expect(() => call('sum', a)).toThrow(OperationError);
    expect(python.log).toEqual([]);
    expect(() => call('sum', a, { axes: 1 })).toThrow(ArgumentError);
  });

  it('does as much asynchronously', async () => {
    await router.callAsync(router.prepare('sum'), [a]);
    await router.callAsync(router.prepare(PYTHON_ONLY), [a, a]);
    expect(ways()).toEqual(['native ported', 'python unported']);
    await expect(router.callAsync(router.prepare('sum'), [3])).rejects.toThrow(ArgumentError);
    router.residency.dispose(a);
    await expect(router.callAsync(router.prepare('sum'), [a])).rejects.toThrow(/^mx\.sum: the array was disposed/);
  });
});

describe('settings', () => {
  it('come from the environment', () => {
    ({ call, make, ways } = routing({ preferNative: false }));
    call('sum', make());
    expect(ways()).toEqual(['python preferred']);
  });

  it('stay as they were when a change is refused', () => {
    expect(() => router.configure({ shadow: 0.5, poolSize: 0 })).toThrow();
    expect(router.configuration.shadow).toBe(0);
  });

  it('end both backends at shutdown', async () => {
    await router.shutdown();
    expect([native.log, python.log]).toEqual([['shutdown'], ['shutdown']]);
  });
});
