import { beforeEach, describe, expect, it } from 'vitest';
import { float32 } from '../registry/dtypes.ts';
import { encode } from '../registry/elements.ts';
import {
  ArgumentError,
  BackendUnavailableError,
  DisposedError,
  OperationError,
  UnsupportedOperationError,
} from '../registry/errors.ts';
import { Registry } from '../registry/registry.ts';
import { Router } from './router.ts';
import type { ShadowReport } from './shadow.ts';
import type { Tensor } from './tensor.ts';
import { FakeBackend } from './test-support/fake-backend.ts';

let native: FakeBackend;
let python: FakeBackend;
let registry: Registry;
let router: Router;
let a: Tensor;

function start(environment = {}, problem?: string): void {
  native = new FakeBackend('native', float32);
  python = new FakeBackend('python', float32);
  native.problem = problem;
  registry = new Registry();
  router = new Router({
    registry,
    backends: { native, python },
    environment,
    nextKey: () => make(),
    placesOf: () => [],
    isStream: (value): value is never => value === null,
  });
  a = make();
  native.log.length = 0;
}

const make = (values = [1, 2, 3]) => router.create(encode(values, float32), [values.length], float32);
const call = (name: string, ...args: unknown[]) => router.call(router.prepare(name), args) as Tensor;
const ways = () => router.telemetry.tallies().map(({ implementation, reason }) => `${implementation} ${reason}`);

beforeEach(() => start());

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
    native.unported.add('kron');
    call('kron', a, a);
    expect(ways()).toEqual(['python forced', 'python scoped', 'python override', 'python unported']);
    expect(native.log).toEqual(['read']);
  });

  it('is refused where it must not fall back', () => {
    native.unported.add('kron');
    expect(() => call('kron', a, a, { implementation: 'native' })).toThrow(UnsupportedOperationError);
    router.configure({ allowFallback: false });
    expect(() => call('kron', a, a)).toThrow(/allowFallback is off/);
    expect(() => call('kron', a, a, { implementation: 'python' })).not.toThrow();
  });

  it('is refused with what is wrong where a backend is missing', () => {
    native.unported.add('kron');
    python.problem = 'no Python found';
    expect(() => call('kron', a, a)).toThrow(BackendUnavailableError);
    expect(() => call('kron', a, a)).toThrow(/no Python found/);
    expect(() => call('sum', a, { implementation: 'python' })).toThrow(/no Python found/);
    expect(() => call('sum', a)).not.toThrow();
  });

  it('goes to Python for everything where there is no addon', () => {
    start({}, 'not built');
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
    native.unported.add('kron');
    await router.callAsync(router.prepare('sum'), [a]);
    await router.callAsync(router.prepare('kron'), [a, a]);
    expect(ways()).toEqual(['native ported', 'python unported']);
    await expect(router.callAsync(router.prepare('sum'), [3])).rejects.toThrow(ArgumentError);
    router.residency.dispose(a);
    await expect(router.callAsync(router.prepare('sum'), [a])).rejects.toThrow(/^mx\.sum: the array was disposed/);
  });
});

describe('the short cuts', () => {
  const prepared = () => router.prepare('abs');
  const areOff = () => prepared().direct === null && prepared().usual === null;

  it('are on in the usual case', () => {
    expect(prepared().direct).not.toBeNull();
    expect(prepared().usual).not.toBeNull();
  });

  it('are off where the operation is not ported', () => {
    native.unported.add('abs');
    expect(areOff()).toBe(true);
  });

  it.each([
    ['preferNative is off', { preferNative: false }],
    ['calls are shadowed', { shadow: 0.5 }],
    ['the operation is overridden', { implementationOverrides: { abs: 'native' } }],
    ['its family is overridden', { implementationOverrides: { unary: 'native' } }],
    ['every call has a span', { telemetry: 'spans' }],
  ] as const)('are off while %s, and back on afterwards', (_, change) => {
    prepared();
    const before = router.configuration;
    router.configure(change);
    expect(areOff()).toBe(true);
    router.configure(before);
    expect(areOff()).toBe(false);
  });

  it('stay on where another operation is overridden', () => {
    router.configure({ implementationOverrides: { exp: 'python', fft: 'python' } });
    expect(areOff()).toBe(false);
  });

  it('are off while calls are timed', () => {
    router.timeCalls(true);
    expect(areOff()).toBe(true);
    call('abs', a);
    expect(router.telemetry.tallies()[0]).toMatchObject({ operation: 'abs', calls: 1 });
    router.timeCalls(false);
    expect(areOff()).toBe(false);
  });

  it('are off inside a scope, and in an asynchronous one until it settles', async () => {
    router.withImplementation('native', () => expect(areOff()).toBe(true));
    expect(areOff()).toBe(false);
    const running = router.withImplementation('native', async () => {
      await null;
      expect(areOff()).toBe(true);
    });
    expect(areOff()).toBe(true);
    await running;
    expect(areOff()).toBe(false);
  });

  it('do not outlive the operation: one registered anew is prepared anew', () => {
    registry.add({ name: 'my.own', native: () => 1 });
    expect(call('my.own')).toBe(1);
    registry.add({ name: 'my.own', native: () => 2 });
    expect(call('my.own')).toBe(2);
  });
});

describe('a scope', () => {
  it('nests, and ends when its function throws', () => {
    router.withImplementation('python', () => {
      router.withImplementation('native', () => call('sum', a));
      call('sum', a);
    });
    expect(() =>
      router.withImplementation('python', () => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    call('sum', a);
    expect(ways().sort()).toEqual(['native ported', 'native scoped', 'python scoped']);
  });

  it('of an asynchronous function is its own: other calls meanwhile go their way', async () => {
    const inside = router.withImplementation('python', async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      call('sum', a);
      await router.withImplementation('native', async () => {
        await null;
        call('prod', a);
      });
      call('max', a);
    });
    call('min', a);
    await inside;
    call('mean', a);
    const byName = router.telemetry
      .tallies()
      .map(({ operation, implementation, reason }) => [operation, implementation, reason]);
    expect(byName.sort()).toEqual([
      ['max', 'python', 'scoped'],
      ['mean', 'native', 'ported'],
      ['min', 'native', 'ported'],
      ['prod', 'native', 'scoped'],
      ['sum', 'python', 'scoped'],
    ]);
  });

  it('ends when its promise rejects', async () => {
    await expect(router.withImplementation('python', async () => Promise.reject(new Error('mine')))).rejects.toThrow(
      'mine',
    );
    call('sum', a);
    expect(ways()).toEqual(['native ported']);
  });

  it('makes new tensors on its side', () => {
    expect(router.withImplementation('python', () => make()).python).not.toBeNull();
  });

  it('refuses a backend that there is not, and what is no function', () => {
    expect(() => router.withImplementation('gpu' as never, () => 1)).toThrow(ArgumentError);
    expect(() => router.withImplementation(10n as never, () => 1)).toThrow(ArgumentError);
    expect(() => router.withImplementation('native', 1 as never)).toThrow(ArgumentError);
  });
});

describe('residency', () => {
  it('copies once, counts the bytes, and keeps both homes', () => {
    const { native: home } = a;
    call('sum', a, { implementation: 'python' });
    call('prod', a, { implementation: 'python' });
    expect(a.native).toBe(home);
    expect(a.python).not.toBeNull();
    expect(python.log).toEqual(['create', 'call sum', 'call prod']);
    expect(router.telemetry.transfers()).toEqual({ native: { count: 0, bytes: 0 }, python: { count: 1, bytes: 12 } });
  });

  it('moves tensors in lists, and back', () => {
    const b = call('abs', a, { implementation: 'python' });
    expect(b.native).toBeNull();
    call('concatenate', [a, b]);
    expect(b.native).not.toBeNull();
    expect(router.telemetry.transfers()).toEqual({ native: { count: 1, bytes: 12 }, python: { count: 1, bytes: 12 } });
  });

  it('frees every home, and names the operation of a later use', () => {
    call('sum', a, { implementation: 'python' });
    const homes = [a.native, a.python] as const;
    router.residency.dispose(a);
    router.residency.dispose(a);
    expect([native.isAlive(homes[0] as never), python.isAlive(homes[1] as never)]).toEqual([false, false]);
    for (const side of ['native', 'python']) {
      expect(() => call('sum', a, { implementation: side })).toThrow(DisposedError);
      expect(() => call('sum', a, { implementation: side })).toThrow('mx.sum: the array was disposed');
    }
    expect(() => router.eval([a])).toThrow('mx.eval: the array was disposed');
  });

  it('evaluates each tensor on its own side', () => {
    const b = call('abs', a, { implementation: 'python' });
    native.log.length = 0;
    python.log.length = 0;
    router.eval([a, { x: [b, a] }, 3, 'text']);
    expect([native.log, python.log]).toEqual([['eval 2'], ['eval 1']]);
  });
});

describe('tidy', () => {
  it('frees what was made inside, on both sides, but what is returned', () => {
    let dropped: Tensor[] = [];
    const kept = router.tidy(() => {
      dropped = [call('abs', a), call('abs', a, { implementation: 'python' })];
      return { deep: [call('abs', a), call('abs', a, { implementation: 'python' })] };
    });
    expect(dropped.map((tensor) => router.residency.isDisposed(tensor))).toEqual([true, true]);
    expect(kept.deep.map((tensor) => router.residency.isDisposed(tensor))).toEqual([false, false]);
  });

  it('lets a tensor from outside live on, without the copy that was made inside', () => {
    const b = call('abs', a, { implementation: 'python' });
    const c = make();
    router.tidy(() => {
      call('abs', c, { implementation: 'python' });
      call('exp', b);
    });
    expect([c.python, b.native]).toEqual([null, null]);
    call('abs', c, { implementation: 'python' });
    call('exp', b);
    expect([router.residency.isDisposed(b), router.residency.isDisposed(c)]).toEqual([false, false]);
  });

  it('nests: what the inner one returns belongs to the outer one', () => {
    let inner: Tensor | undefined;
    router.tidy(() => {
      inner = router.tidy(() => call('abs', a));
      expect(router.residency.isDisposed(inner)).toBe(false);
    });
    expect(router.residency.isDisposed(inner as Tensor)).toBe(true);
    expect(router.residency.isDisposed(a)).toBe(false);
  });

  it('frees when its function throws, or returns a promise, or what cannot be read', () => {
    let made: Tensor | undefined;
    const endings: [() => unknown, string][] = [
      [() => Promise.resolve(1), 'synchronous'],
      [
        () => {
          throw new Error('mine');
        },
        'mine',
      ],
      [
        () => {
          const cyclic: unknown[] = [];
          cyclic.push(cyclic);
          return cyclic;
        },
        'mx.tidy: expected data nested at most 64 levels deep',
      ],
    ];
    for (const [ending, message] of endings) {
      expect(() =>
        router.tidy(() => {
          made = call('abs', a);
          return ending();
        }),
      ).toThrow(message);
      expect(router.residency.isDisposed(made as Tensor)).toBe(true);
    }
    expect(() => router.tidy(3 as never)).toThrow(ArgumentError);
  });
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
    native.unported.add('kron');
    call('abs', a, { implementation: 'native' });
    call('kron', a, a);
    expect(reports).toEqual([]);
  });

  it('is off by default', () => {
    call('abs', a);
    expect(python.log).toEqual([]);
  });
});

describe('settings', () => {
  it('come from the environment', () => {
    start({ preferNative: false });
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
