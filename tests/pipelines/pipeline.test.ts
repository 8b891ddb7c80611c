import { describe, expect, it } from 'vitest';
import {
  configure,
  DisposedError,
  internals,
  core as mx,
  OperationError,
  PythonError,
  registry,
  routing,
} from '../../mlx/index.ts';
import { caught, inPython, pipelined, WITH_BRIDGE_FUNCTIONS } from '../support/python-side.ts';

configure(WITH_BRIDGE_FUNCTIONS);

type Tensor = ReturnType<typeof mx.array>;

const calls = (): number => internals.pythonBackend.stats().calls;
const live = (): number => internals.pythonBackend.stats().liveTensors;

const a = inPython(() => mx.array([1, 2, 3, 4]));
const b = inPython(() => mx.array([4, 3, 2, 1]));
const short = inPython(() => mx.array([1, 2, 3]));

describe('a pipeline', () => {
  it('gives what calls one by one give', () => {
    const run = (): Tensor[] => {
      let x = a;
      for (let i = 0; i < 200; i++) x = mx.add(x, b);
      const chosen = mx.where(mx.greater(x, a), x, b);
      return [x, chosen, mx.sum(chosen, 0), mx.multiply(chosen, 2), mx.exp(b), mx.reshape(x, [2, 2])];
    };
    const values = (arrays: Tensor[]): unknown =>
      arrays.map((array) => [array.shape, array.dtype.name, array.tolist()]);
    expect(values(pipelined(run))).toEqual(values(inPython(run)));
  });

  it('sends many operations at once', () => {
    const before = calls();
    pipelined(() => {
      for (let i = 0; i < 1000; i++) mx.add(a, b);
    });
    expect(calls() - before).toBeLessThan(10);
  });

  it('counts its calls as any other', () => {
    const count = (): number =>
      routing.table().find(({ operation, reason }) => operation === 'arccosh' && reason === 'scoped')?.calls ?? 0;
    const before = count();
    pipelined(() => {
      for (let i = 0; i < 10; i++) mx.arccosh(a);
    });
    expect(count() - before).toBe(10);
  });

  it('leaves calls to native alone', () => {
    const x = mx.pipeline(() => mx.add(mx.array([1]), 1));
    expect(x.residency.native).not.toBeNull();
    expect(x.tolist()).toEqual([2]);
  });

  it('takes calls to Python beside calls to native, and copies what crosses', () => {
    const sum = mx.pipeline(() => {
      const remote = mx.add(a, b, { implementation: 'python' });
      const local = mx.multiply(remote, 2, { implementation: 'native' });
      return mx.add(local, remote, { implementation: 'python' });
    });
    expect(sum.tolist()).toEqual([15, 15, 15, 15]);
  });

  it('takes operations whose results are not one array, which wait', () => {
    const [q, r] = pipelined(() => mx.divmod(mx.add(a, b), short.index(1)));
    expect([q?.tolist(), r?.tolist()]).toEqual([
      [2, 2, 2, 2],
      [1, 1, 1, 1],
    ]);
    const halves = pipelined(() => mx.split(mx.add(a, b), 2).map((half) => mx.negative(half)));
    expect(halves.map((half) => half.tolist())).toEqual([
      [-5, -5],
      [-5, -5],
    ]);
  });

  it('gives shapes and dtypes inside', () => {
    pipelined(() => {
      const x = mx.stack([mx.add(a, b), a]);
      expect(x.shape).toEqual([2, 4]);
      expect(mx.greater(x, x).dtype).toBe(mx.bool);
    });
  });

  it('asks for a shape once, and knows it of all results that are like it', () => {
    const step = (x: Tensor, by: number): Tensor => mx.reshape(mx.add(x, b).multiply(by), [2, 2]).sum(1).square();
    pipelined(() => step(a, 2).shape);
    const before = calls();
    pipelined(() => {
      for (let i = 0; i < 20; i++) {
        const y = step(a, i);
        expect(y.shape).toEqual([2]);
        expect(y.dtype).toBe(mx.float32);
      }
    });
    expect(calls() - before).toBeLessThan(12);
  });

  it('never takes one shape for another', () => {
    const shapes: (readonly number[])[] = [];
    pipelined(() => {
      for (const shape of [[1], [2, 1], [3, 1, 1]]) {
        const x = mx.ones(shape);
        const y = mx.add(x, a);
        shapes.push(y.shape, mx.where(mx.greater(y, a), y, x).shape, y.sum(0).shape, y.sum(-1).shape);
        expect(mx.add(x.astype(mx.int32), y.astype(mx.int8)).dtype).toBe(mx.int32);
        expect(mx.add(x.astype(mx.int8), y.astype(mx.uint8)).dtype).toBe(mx.int16);
      }
    });
    expect(shapes).toEqual([[4], [4], [], [], [2, 4], [2, 4], [4], [2], [3, 1, 4], [3, 1, 4], [1, 4], [3, 1]]);
  });

  it('takes large arguments, which are no longer kept back', () => {
    const places = Array.from({ length: 100_000 }, (_, i) => i % 4);
    const x = pipelined(() => mx.take(mx.add(a, b), mx.array(places, mx.int32)));
    expect(x.size).toBe(100_000);
  });

  it('gives back what the function returns, and what it awaits', async () => {
    expect(mx.pipeline(() => 5)).toBe(5);
    const result = inPython(() =>
      mx.pipeline(async () => {
        const x = mx.add(a, b);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return mx.add(x, a).data();
      }),
    );
    expect(result).toBeInstanceOf(Promise);
    expect([...((await result) as Float32Array)]).toEqual([6, 7, 8, 9]);
  });

  it('is of its own asynchronous function alone', async () => {
    let go = (): void => {};
    const opened = new Promise<void>((resolve) => {
      go = resolve;
    });
    const pipeline = inPython(() => mx.pipeline(() => opened));
    expect(() => mx.add(a, short, { implementation: 'python' })).toThrow(OperationError);
    go();
    await pipeline;
  });

  it('wants a function and knows its options', () => {
    expect(() => mx.pipeline(5 as never)).toThrow('mx.pipeline: expected a function to run, received the number 5');
    expect(() => mx.pipeline(() => 1, { callSite: 'all' } as never)).toThrow('did you mean "callSites"');
    expect(() => mx.pipeline(() => 1, { callSites: 'some' } as never)).toThrow('expected "sampled" or "all"');
    expect(() => mx.pipeline(() => 1, null as never)).toThrow('expected options in an object');
  });
});

describe('a failed operation', () => {
  it('is thrown at the end when its result was not read', () => {
    let later = false;
    const error = caught(() =>
      pipelined(() => {
        mx.add(a, short);
        later = true;
      }),
    );
    expect(later).toBe(true);
    expect(error).toBeInstanceOf(OperationError);
    expect(error.operation).toBe('mx.add');
    expect(error.message).toContain('cannot be broadcast');
    expect((error.cause as PythonError).traceback).toContain('Traceback');
  });

  it('names the place of its call, not of the end', () => {
    const callHere = (): Tensor => mx.add(a, short);
    const { stack = '' } = caught(() => pipelined(callHere));
    expect(stack.split('\n')[1]).toMatch(/callHere .*pipeline\.test\.ts/);
  });

  it('names an earlier place and the distance once calls are many, or each where that is asked for', () => {
    const failLate = (): void => {
      for (let i = 0; i < 150; i++) mx.add(a, b);
      mx.add(a, short);
    };
    expect(caught(() => pipelined(failLate)).stack).toMatch(/up to \d+ operations after the call\n.*failLate/);
    const { stack = '' } = caught(() => inPython(() => mx.pipeline(failLate, { callSites: 'all' })));
    expect(stack.split('\n')[1]).toMatch(/failLate/);
  });

  it('is what a function of Python says that got its result', async () => {
    const functions = await mx.python.import<{ same: (x: Tensor) => Tensor }>('bridge_functions');
    const wait = mx.pipeline(async () => functions.same(inPython(() => mx.add(a, short))));
    await expect(wait).rejects.toThrow(OperationError);
    await expect(wait).rejects.toMatchObject({ operation: 'mx.add' });
  });

  it('poisons what depends on it, and nothing else', () => {
    const results: Tensor[] = [];
    const error = caught(() =>
      pipelined(() => {
        const bad = mx.add(a, short);
        results.push(bad, mx.exp(bad), mx.where(bad, a, b), mx.reshape(mx.exp(bad), [2]), mx.add(a, b));
      }),
    );
    for (const poisoned of results.slice(0, -1)) {
      expect(caught(() => poisoned.tolist())).toBe(error);
      expect(caught(() => poisoned.shape)).toBe(error);
    }
    expect(caught(() => mx.exp(results[0] as Tensor, { implementation: 'python' }))).toBe(error);
    expect(error.message).not.toContain('more operation');
    expect(results.at(-1)?.tolist()).toEqual([5, 5, 5, 5]);
  });

  it('is thrown by the first read, and not again at the end', () => {
    let met: Error | undefined;
    pipelined(() => {
      const bad = mx.exp(mx.add(a, short));
      met = caught(() => mx.eval(bad));
    });
    expect(met).toBeInstanceOf(OperationError);
    expect((met as OperationError).operation).toBe('mx.add');
  });

  it('is the first of several, with the count of the others', () => {
    const error = caught(() =>
      pipelined(() => {
        mx.multiply(a, short);
        for (let i = 0; i < 99; i++) mx.add(a, short);
      }),
    );
    expect(error.operation).toBe('mx.multiply');
    expect(error.message).toMatch(/\(and 99 more operations of the pipeline failed\)$/);
  });

  it("is a PythonError where it is the user's", () => {
    const boom = registry.register<Tensor>({ name: 'own.pipelineFail', python: 'bridge_functions:fail' });
    expect(() => pipelined(() => boom(a))).toThrow(PythonError);
  });

  it('stands behind what the function itself throws', () => {
    let bad: Tensor | undefined;
    const own = new Error('own');
    expect(
      caught(() =>
        pipelined(() => {
          bad = mx.add(a, short);
          throw own;
        }),
      ),
    ).toBe(own);
    expect(() => bad?.tolist()).toThrow(OperationError);
  });

  it('rejects the promise of an asynchronous function', async () => {
    const failing = inPython(() =>
      mx.pipeline(async () => {
        await Promise.resolve();
        mx.add(a, short);
      }),
    );
    await expect(failing).rejects.toThrow(OperationError);
    const own = inPython(() =>
      mx.pipeline(async () => {
        mx.add(a, short);
        await Promise.resolve();
        throw new RangeError('own');
      }),
    );
    await expect(own).rejects.toThrow(RangeError);
  });

  it('belongs to the innermost pipeline', () => {
    let inner: Error | undefined;
    pipelined(() => {
      const x = mx.add(a, b);
      inner = caught(() => mx.pipeline(() => mx.add(x, short)));
      expect(mx.add(x, b).tolist()).toEqual([9, 8, 7, 6]);
    });
    expect(inner).toBeInstanceOf(OperationError);
  });
});

describe('frees in a pipeline', () => {
  it('go in order: a tensor disposed after its use was used', () => {
    const results = pipelined(() =>
      Array.from({ length: 300 }, (_, i) => {
        const x = mx.add(a, b);
        const y = mx.multiply(x, i);
        x.dispose();
        return y;
      }),
    );
    expect(results.map((result) => result.index(0).item())).toEqual(Array.from({ length: 300 }, (_, i) => 5 * i));
  });

  it('are of tidy too', () => {
    const made: Tensor[] = [];
    const kept = pipelined(() =>
      mx.tidy(() => {
        let x = a;
        for (let i = 0; i < 500; i++) {
          x = mx.add(x, b);
          made.push(x);
        }
        return x;
      }),
    );
    expect(made.flatMap((x, i) => (x.isDisposed ? [] : [i]))).toEqual([499]);
    expect(kept.index(0).item()).toBe(2001);
  });

  it('are of sessions too', () => {
    const before = live();
    let outside: Tensor | undefined;
    {
      using session = mx.session();
      session.run(() => {
        outside = pipelined(() => mx.add(mx.add(a, b), b));
      });
      expect(outside?.tolist()).toEqual([9, 8, 7, 6]);
    }
    // What earlier tests have left may be collected meanwhile.
    expect(live()).toBeLessThanOrEqual(before);
    expect(() => outside?.tolist()).toThrow(DisposedError);
  });

  it('make a later use an error', () => {
    const x = pipelined(() => mx.add(a, b));
    x.dispose();
    expect(() => pipelined(() => mx.add(x, b))).toThrow(DisposedError);
  });

  it('keep 1,000,000 operations flat on both ends', () => {
    const run = (count: number): void => {
      pipelined(() => {
        let x = a;
        for (let i = 0; i < count; i++) x = mx.add(a, b);
        mx.eval(x);
      });
    };
    run(200_000);
    const before = process.memoryUsage().rss;
    const lives = live();
    run(1_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
    expect(live() - lives).toBeLessThan(20_000);
  });
});

describe("pythonErrors: 'deferred'", () => {
  it('defers every call, throws at the first read, and warns of what is not read', async () => {
    configure({ pythonErrors: 'deferred' });
    try {
      const [x, y] = inPython(() => [mx.array([1, 2]), mx.array([1, 2, 3])] as const);
      const before = calls();
      const sums = inPython(() => Array.from({ length: 50 }, () => mx.add(x, x)));
      expect(calls() - before).toBe(0);
      expect(sums[49]?.tolist()).toEqual([2, 4]);
      const bad = inPython(() => mx.exp(mx.add(x, y)));
      expect(() => bad.tolist()).toThrow(OperationError);
      const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
      inPython(() => mx.subtract(x, y));
      expect((await warned).message).toMatch(/mx\.subtract: .*nobody has read the result so far/);
    } finally {
      configure({ pythonErrors: 'immediate' });
    }
    expect(() => inPython(() => mx.add(mx.array([1, 2]), mx.array([1, 2, 3])))).toThrow(OperationError);
  });
});
