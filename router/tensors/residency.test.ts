import { beforeEach, describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError } from '../../foundation/errors/errors.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { routing } from '../test-support/routing.ts';
import type { Tensor } from './tensor.ts';

let { a, call, make, native, python, router } = routing();

beforeEach(() => {
  ({ a, call, make, native, python, router } = routing());
});

describe('residency', () => {
  it('copies once, counts the bytes, and keeps both handles', () => {
    const { native: holder } = a;
    call('sum', a, { implementation: 'python' });
    call('prod', a, { implementation: 'python' });
    expect(a.native).toBe(holder);
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

  it('frees every handle, and names the operation of a later use', () => {
    call('sum', a, { implementation: 'python' });
    const holders = [a.native, a.python] as const;
    router.residency.dispose(a);
    router.residency.dispose(a);
    expect([native.isAlive(holders[0] as never), python.isAlive(holders[1] as never)]).toEqual([false, false]);
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

  it('lets a tensor from outside live on, and keeps its copy, so that the next scope need not copy', () => {
    const b = call('abs', a, { implementation: 'python' });
    const c = make();
    const use = () => {
      call('abs', c, { implementation: 'python' });
      call('exp', b);
    };
    router.tidy(use);
    router.tidy(() => router.tidy(use));
    expect(router.telemetry.transfers()).toMatchObject({ native: { count: 1 }, python: { count: 2 } });
    expect([b, c].map((tensor) => router.residency.holders(tensor).length)).toEqual([2, 2]);
    router.residency.dispose(c);
    expect(router.residency.isDisposed(c)).toBe(true);
  });

  it('frees a copy with the tensor that it was made of, in whichever scope that was made', () => {
    let made: Tensor | undefined;
    let copies: (Handle | null)[] = [];
    const isAlive = () => copies.map((handle) => handle !== null && python.isAlive(handle));
    router.tidy(() => {
      made = call('abs', a);
      router.tidy(() => {
        const inner = call('abs', a);
        for (const tensor of [made as Tensor, inner]) call('exp', tensor, { implementation: 'python' });
        copies = [made?.python ?? null, inner.python];
        expect(isAlive()).toEqual([true, true]);
      });
      expect(isAlive()).toEqual([true, false]);
    });
    expect(isAlive()).toEqual([false, false]);
    expect(router.residency.isDisposed(made as Tensor)).toBe(true);
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
      [() => Promise.resolve(1), 'declared async'],
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
