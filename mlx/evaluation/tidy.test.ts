import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError, internals, core as mx, shutdown } from '../index.ts';

afterAll(() => shutdown());

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function rejection(promise: unknown): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was not rejected');
}

describe.each(['native', 'python'] as const)('tidy of an asynchronous function, on %s', (implementation) => {
  const make = (value: number) => mx.full([2], value, { implementation });

  it('frees what was made behind every await, and keeps what is returned', async () => {
    const inside: mx.Array[] = [];
    const note = (x: mx.Array) => {
      inside.push(x);
      return x;
    };
    const outside = make(10);
    const { sum, list } = await mx.tidy(async () => {
      const a = note(make(1));
      await turn();
      const b = note(a.add(outside));
      await mx.asyncEval(b);
      note(make(7));
      expect(a.isDisposed).toBe(false);
      return { sum: b.add(1), list: [b.multiply(2)] as const };
    });
    expect([sum.tolist(), list[0].tolist(), outside.tolist()]).toEqual([
      [12, 12],
      [22, 22],
      [10, 10],
    ]);
    expect(inside.map((x) => x.isDisposed)).toEqual([true, true, true]);
  });

  it('frees what escaped by assignment, and keeps what was written into an array from outside', async () => {
    const outside = make(1);
    let escaped: mx.Array | undefined;
    await mx.tidy(async () => {
      await turn();
      escaped = make(2);
      outside.add_(escaped);
    });
    expect(outside.tolist()).toEqual([3, 3]);
    expect(() => escaped?.tolist()).toThrow(DisposedError);
  });

  it('frees after an error, which the caller alone gets', async () => {
    let made: mx.Array | undefined;
    const cause = new Error('mine');
    const failed = mx.tidy(async () => {
      made = make(1);
      await turn();
      throw cause;
    });
    expect(await rejection(failed)).toBe(cause);
    expect(made?.isDisposed).toBe(true);
  });

  it('is not disturbed by others, by tidy of synchronous functions, and by what runs beside it', async () => {
    const beside: mx.Array[] = [];
    const scope = (n: number) =>
      mx.tidy(async () => {
        const own = make(n);
        await turn();
        const doubled = mx.tidy(() => own.multiply(2).add(make(0)));
        const inner = await mx.tidy(async () => {
          const dropped = make(100);
          await turn();
          return { kept: dropped.add(own), dropped };
        });
        inner.dropped.dispose();
        await turn();
        return [own, doubled, inner.kept];
      });
    const scopes = [scope(1), scope(2), scope(3)];
    for (let i = 0; i < 3; i++) {
      beside.push(make(i));
      mx.tidy(() => make(i).add(1));
      await turn();
    }
    const results = await Promise.all(scopes);
    expect(results.map((arrays) => arrays.map((x) => x.tolist()))).toEqual(
      [1, 2, 3].map((n) => [
        [n, n],
        [2 * n, 2 * n],
        [100 + n, 100 + n],
      ]),
    );
    expect(beside.map((x) => x.tolist())).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });
});

describe.each(['native', 'python'] as const)('a read that goes on behind its scope, on %s', (implementation) => {
  /** What a read has to compute, to copy, and neither. */
  const KINDS: Record<string, (x: mx.Array) => mx.Array> = {
    graph: (x) => x.add(1),
    view: (x) => {
      const y = x.transpose();
      mx.eval(y);
      return y;
    },
    row: (x) => {
      mx.eval(x);
      return x;
    },
  };
  const make = () => mx.arange(6, { implementation }).reshape([2, 3]);
  const expected = (x: mx.Array) => x.flatten().tolist();

  it.each(Object.keys(KINDS))('gives the values of a %s', async (name) => {
    const kind = KINDS[name] as (x: mx.Array) => mx.Array;
    const values = expected(kind(make()));
    const reads: Promise<ArrayLike<unknown>>[] = [];
    const outside = kind(make());
    mx.tidy(() => {
      mx.tidy(() => {
        reads.push(kind(make()).data(), outside.data());
      });
      reads.push(outside.data());
    });
    // The scope that ends is a session here.
    await mx.tidy(async () => {
      reads.push(kind(make()).data(), outside.data());
    });
    const session = mx.session();
    session.run(() => reads.push(kind(make()).data()));
    session.end();
    const dropped = kind(make());
    reads.push(dropped.data());
    dropped.dispose();
    outside.dispose();
    expect((await Promise.all(reads)).map((read) => Array.from(read))).toEqual(reads.map(() => values));
  });

  it('leaves nothing behind', async () => {
    const live = () =>
      implementation === 'native'
        ? internals.nativeBackend.addon.usage()[0]
        : internals.pythonBackend.stats().liveTensors;
    const x = make().transpose();
    await x.data();
    const before = live();
    const reads = Array.from({ length: 100 }, () => mx.tidy(() => ({ read: x.data() }))).map(({ read }) => read);
    await Promise.all(reads);
    // Garbage of other tests may be collected meanwhile.
    expect(live()).toBeLessThanOrEqual(before);
  });
});

describe('what tidy takes', () => {
  it('no asynchronous function inside of a synchronous scope, which would free what it still needs', async () => {
    let ran = false;
    const inner = async () => {
      ran = true;
      return mx.array(1);
    };
    expect(() => mx.tidy(() => mx.tidy(inner))).toThrow(ArgumentError);
    expect(() => mx.tidy(() => mx.tidy(inner))).toThrow('declare the outer function async and await the inner tidy');
    // The same below an asynchronous scope, and further in.
    const nested = mx.tidy(async () => mx.tidy(() => mx.tidy(() => mx.tidy(inner))));
    expect(await rejection(nested)).toBeInstanceOf(ArgumentError);
    expect(ran).toBe(false);
    expect((await mx.tidy(async () => await mx.tidy(inner))).item()).toBe(1);
    // Behind the scope nothing is refused.
    const later: (() => Promise<mx.Array>)[] = [];
    mx.tidy(() => {
      later.push(() => mx.tidy(inner));
    });
    expect((await later[0]?.())?.item()).toBe(1);
  });

  it('a bound function, and one that fails at once', async () => {
    const make = async function (this: number) {
      return mx.array(this);
    };
    expect((await mx.tidy(make.bind(4))).item()).toBe(4);
    const fail = async () => {
      throw new RangeError('at once');
    };
    expect(await rejection(mx.tidy(fail))).toBeInstanceOf(RangeError);
  });

  it('no other function that returns a promise; its rejection does not reach the process', async () => {
    const unhandled: unknown[] = [];
    const listen = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', listen);
    const failing = () => Promise.reject(new Error('nobody waits for it'));
    expect(() => mx.tidy(failing)).toThrow(ArgumentError);
    expect(() => mx.tidy(failing)).toThrow('write mx.tidy(async () => …)');
    await turn();
    await turn();
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });

  it('random draws: the sequence goes on behind the scope', async () => {
    const draws = async (within: (draw: () => mx.Array) => Promise<mx.Array>) => {
      mx.random.seed(5);
      const first = await within(() => mx.random.uniform(0, 1, [2]));
      return [first, mx.random.uniform(0, 1, [2])].map((x) => x.tolist());
    };
    const plain = await draws(async (draw) => draw());
    expect(await draws((draw) => mx.tidy(async () => draw()))).toEqual(plain);
  });
});

it('any interleaving of scopes frees what each made, and nothing else', async () => {
  /** How many arrays each scope makes between its awaits. */
  const plans = fc.array(fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(plans, fc.boolean(), async (scopes, nested) => {
      const dropped: mx.Array[] = [];
      const run = (plan: readonly number[], n: number): Promise<mx.Array> =>
        mx.tidy(async () => {
          let total = mx.array(n);
          for (const count of plan) {
            for (let i = 0; i < count; i++) {
              dropped.push(total);
              total = total.add(1);
            }
            await turn();
            if (nested) total = mx.tidy(() => total.add(1).subtract(1));
          }
          return total;
        });
      const results = await Promise.all(scopes.map(run));
      const sums = scopes.map((plan, n) => plan.reduce((sum, count) => sum + count, n));
      expect(results.map((x) => x.item())).toEqual(sums);
      expect(dropped.every((x) => results.includes(x) || x.isDisposed)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
