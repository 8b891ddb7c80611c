import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, configure, DisposedError, internals, core as mx, shutdown } from '../../mlx/index.ts';
import { askChild } from '../support/children.ts';

const { nativeBackend, pythonBackend } = internals;
const python = { implementation: 'python' } as const;
const nativeLive = (): number => nativeBackend.status(true).details['liveTensors'] as number;
const pythonLive = (): number => pythonBackend.stats().liveTensors;

beforeAll(() => configure({ poolSize: 2 }));
afterAll(async () => {
  await shutdown();
  configure({ poolSize: 1 });
});

describe.each(['native', 'python'] as const)('a session frees what was made in it on %s', (implementation) => {
  const live = implementation === 'native' ? nativeLive : pythonLive;

  it('but what its function returns', async () => {
    const outside = mx.ones([2], { implementation });
    const held: mx.Array[] = [];
    const [sum, { list }] = await mx.withSession(async () => {
      const made = mx.add(outside, outside, { implementation });
      held.push(made);
      await sleep(1);
      const late = mx.add(made, made, { implementation });
      held.push(late);
      return [mx.add(late, late, { implementation }), { list: [mx.abs(made, { implementation })] }] as const;
    });
    for (const array of held) {
      expect(array.isDisposed).toBe(true);
      expect(() => mx.add(array, array, { implementation })).toThrow(DisposedError);
    }
    expect([sum.tolist(), list[0]?.tolist(), outside.tolist()]).toEqual([
      [8, 8],
      [2, 2],
      [1, 1],
    ]);
  });

  it('after a throw and after a rejection', async () => {
    mx.eval(mx.ones([2], { implementation }));
    const held: mx.Array[] = [];
    const before = live();
    const make = () => held.push(...Array.from({ length: 100 }, () => mx.ones([2], { implementation })));
    const thrown = mx.withSession(() => {
      make();
      throw new RangeError('on purpose');
    });
    await expect(thrown).rejects.toThrow(RangeError);
    const rejected = mx.withSession(async () => {
      make();
      await sleep(1);
      make();
      throw new RangeError('later');
    });
    await expect(rejected).rejects.toThrow('later');
    expect(held.every(({ isDisposed }) => isDisposed)).toBe(true);
    expect(live()).toBeLessThanOrEqual(before);
  });

  it('and not what interleaved sessions, or none, made meanwhile', async () => {
    const free: mx.Array[] = [];
    const mine = (name: number) =>
      mx.withSession(async () => {
        const made: mx.Array[] = [];
        for (let round = 0; round < 20; round++) {
          made.push(mx.full([3], name * 100 + round, { implementation }));
          await sleep(0);
        }
        return { made: made.map((array) => array.tolist()), last: made.at(-1) as mx.Array, first: made[0] as mx.Array };
      });
    const both = Promise.all([mine(1), mine(2), mine(3)]);
    for (let round = 0; round < 10; round++) {
      free.push(mx.full([3], round, { implementation }));
      await sleep(1);
    }
    for (const [i, { made, last, first }] of (await both).entries()) {
      expect(made).toEqual(Array.from({ length: 20 }, (_, round) => Array(3).fill((i + 1) * 100 + round)));
      expect([first.isDisposed, last.isDisposed]).toEqual([false, false]);
    }
    expect(free.map((array) => array.tolist())).toEqual(free.map((_, i) => [i, i, i]));
  });

  it('when it is a block', () => {
    let inside: mx.Array;
    let kept: mx.Array;
    {
      using session = mx.session();
      inside = session.run(() => mx.ones([4], { implementation }));
      kept = session.keep(session.run(() => mx.add(inside, inside, { implementation })));
      const beside = mx.ones([1], { implementation });
      session.end();
      expect([inside.isDisposed, kept.isDisposed, beside.isDisposed]).toEqual([true, false, false]);
      expect(session.isEnded).toBe(true);
      expect(() => session.run(() => 1)).toThrow(DisposedError);
      expect(() => session.keep(kept)).toThrow(DisposedError);
    }
    expect(kept.tolist()).toEqual([2, 2, 2, 2]);
  });

  it('and gives what an inner one keeps to the outer one', async () => {
    let inner: mx.Array | undefined;
    await mx.withSession(async () => {
      inner = await mx.withSession(() => mx.ones([2], { implementation }));
      expect(inner.tolist()).toEqual([1, 1]);
    });
    expect(inner?.isDisposed).toBe(true);
  });

  it('with tidy in it, and it in itself, large arrays too', async () => {
    const before = live();
    const kept = await mx.withSession(() => {
      const large = mx.ones([2000], { implementation });
      return mx.tidy(() =>
        mx.add(
          large,
          mx.tidy(() => mx.add(large, large, { implementation })),
          { implementation },
        ),
      );
    });
    expect(kept.index(0).item()).toBe(3);
    expect(live()).toBeLessThanOrEqual(before + 2);
  });
});

describe('a session', () => {
  it('lets go of copies of its own arrays, and leaves those of others alone', async () => {
    const outside = mx.array([1, 2]);
    const held = await mx.withSession(() => {
      const inside = mx.array([3, 4]);
      mx.add(outside, inside, python);
      expect([outside.residency, inside.residency]).toMatchObject([{ python: true }, { python: true }]);
      return { hidden: () => inside };
    });
    expect(held.hidden().isDisposed).toBe(true);
    expect(() => mx.add(held.hidden(), 1, python)).toThrow(DisposedError);
    expect(outside.residency).toMatchObject({ native: true, python: true });
    expect(mx.add(outside, outside, python).tolist()).toEqual([2, 4]);
  });

  it('lets arrays of others keep what replaced their values', async () => {
    const outside = mx.array([1, 2]);
    await mx.withSession(() => {
      outside.add_(mx.array([1, 1]));
    });
    expect(outside.tolist()).toEqual([2, 3]);
  });

  it('neither repeats the random sequence nor loses it', async () => {
    mx.random.seed(7);
    const plain = [mx.random.normal([2]).tolist(), mx.random.normal([2]).tolist()];
    mx.random.seed(7);
    const first = await mx.withSession(() => mx.random.normal([2]).tolist());
    expect([first, mx.random.normal([2]).tolist()]).toEqual(plain);
  });

  it('with weak numbers leaves those of later calls alone', async () => {
    const x = mx.array([1, 2]);
    await mx.withSession(() => mx.add(x, 2.5).tolist());
    expect(mx.add(x, 2.5).tolist()).toEqual([3.5, 4.5]);
  });

  it('works in one worker, two in two at the same time', async () => {
    const where = (values: number) =>
      mx.withSession(async () => {
        const workers = new Set<number | undefined>();
        for (let round = 0; round < 5; round++) {
          const made = mx.full([2], values, python);
          const sum = mx.add(made, made, python);
          workers.add(made.residency.worker).add(sum.residency.worker);
          expect(await sum.data()).toEqual(Float32Array.of(2 * values, 2 * values));
        }
        return [...workers];
      });
    const [one, other] = await Promise.all([where(1), where(2)]);
    expect([one.length, other.length]).toEqual([1, 1]);
    expect(new Set([...one, ...other])).toEqual(new Set([0, 1]));
  });

  it('takes arrays of outside along without taking them away', async () => {
    const outside = mx.full([2], 5, python);
    const home = outside.residency.worker;
    await Promise.all(
      [1, 2].map((n) =>
        mx.withSession(async () => {
          for (let round = 0; round < 3; round++) {
            const sum = mx.add(outside, n, python);
            expect(await sum.data()).toEqual(Float32Array.of(5 + n, 5 + n));
          }
        }),
      ),
    );
    expect(outside.residency.worker).toBe(home);
    expect(outside.tolist()).toEqual([5, 5]);
  });

  it.each([
    ['mx.grad', (f: (x: mx.Array) => mx.Array, x: mx.Array) => mx.grad(f)(x)],
    ['mx.vmap', (f: (x: mx.Array) => mx.Array, x: mx.Array) => mx.vmap(f)(x)],
    ['mx.vjp', (f: (x: mx.Array) => mx.Array, x: mx.Array) => mx.vjp(f, [x], [mx.array(1)])],
    ['mx.compile', (f: (x: mx.Array) => mx.Array, x: mx.Array) => mx.compile(f)(x)],
  ] as const)('inside a function that %s transforms ends before the result is used, on both sides', (_, transform) => {
    const inSession = (x: mx.Array): mx.Array => {
      using session = mx.session();
      return session.run(() => mx.sum(mx.square(x)));
    };
    for (const implementation of ['native', 'python'] as const) {
      const failed = (): unknown => {
        try {
          return mx.withImplementation(implementation, () => transform(inSession, mx.array([1, 2])));
        } catch (error) {
          return error;
        }
      };
      expect(failed(), implementation).toMatchObject({
        name: 'DisposedError',
        operation: expect.stringContaining('mx.'),
      });
    }
  });

  it('refuses what is no function', async () => {
    await expect(mx.withSession(3 as never)).rejects.toThrow(ArgumentError);
    using session = mx.session();
    expect(() => session.run('x' as never)).toThrow(ArgumentError);
  });
});

describe('in a process of its own', () => {
  it('starts no worker when every operation is native', async () => {
    const workers = await askChild<number>(`
      await mx.withSession(async () => mx.add(mx.ones([2]), 1).tolist());
      const session = mx.session(); session.run(() => mx.ones([3]).tolist()); session.end();
      report(library.internals.pythonBackend.stats().workers);`);
    expect(workers).toBe(0);
  });

  it('frees in the middle of a long synchronous session', async () => {
    const live = await askChild<number>(`
      const session = mx.session();
      const one = mx.ones([4]);
      session.run(() => { for (let i = 0; i < 200000; i++) mx.add(one, one); });
      report(library.internals.nativeBackend.status(true).details.liveTensors);`);
    expect(live).toBeLessThan(50_000);
  });
});
