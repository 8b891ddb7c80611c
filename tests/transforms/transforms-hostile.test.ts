import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure, internals, core as mx } from '../../mlx/index.ts';
import { askChild } from '../support/children.ts';

type Tensor = ReturnType<typeof mx.array>;
// biome-ignore lint/suspicious/noExplicitAny: the functions here are wrong on purpose
type Body = (a: Tensor) => any;

const nestedTooDeep = expect.objectContaining({
  code: 'ERR_MLX_OPERATION',
  message: expect.stringContaining('transforms are nested more than 64 deep'),
});

describe.each(['native', 'python'] as const)('on %s', (side) => {
  beforeAll(() => configure({ preferNative: side === 'native' }));
  afterAll(() => configure({ preferNative: true }));
  // A round trip for each operation: fewer of them will do.
  const rounds = side === 'native' ? 2000 : 60;
  const x = mx.withImplementation(side, () => mx.array([1, 2, 3]));
  const sane = () =>
    expect(
      mx
        .grad((a: Tensor) => mx.sum(a))(x)
        .tolist(),
    ).toEqual([1, 1, 1]);

  const TRANSFORMS: Record<string, (f: Body) => unknown> = {
    grad: (f) => mx.grad(f)(x),
    valueAndGrad: (f) => mx.valueAndGrad(f)(x),
    vjp: (f) => mx.vjp(f, [x], [mx.array(1)]),
    jvp: (f) => mx.jvp(f, [x], [x]),
    vmap: (f) => mx.vmap(f)(x),
    compile: (f) => mx.compile(f)(x),
    checkpoint: (f) => mx.checkpoint(f)(x),
    customFunction: (f) => mx.customFunction(f)(x),
    'grad of customFunction': (f) => mx.grad(mx.customFunction(f))(x),
    'grad of compile': (f) => mx.grad(mx.compile(f))(x),
  };

  function thrownBy(run: () => unknown): { thrown: unknown } | undefined {
    try {
      run();
    } catch (thrown) {
      return { thrown };
    }
    return undefined;
  }

  describe.each(Object.entries(TRANSFORMS))('%s', (name, transform) => {
    it.each([[3], [null], [undefined], ['text'], [new RangeError('mine')]])('throws %s as it was thrown', (value) => {
      const throws = () => {
        throw value;
      };
      expect(thrownBy(() => transform(throws))).toEqual({ thrown: value });
      sane();
    });

    it('refuses a disposed result, and an input disposed before its use', () => {
      const disposed = expect.objectContaining({ code: 'ERR_MLX_DISPOSED' });
      const result = (a: Tensor) => {
        const sum = mx.sum(a);
        sum.dispose();
        return sum;
      };
      const input = (a: Tensor) => {
        a.dispose();
        return mx.sum(a);
      };
      expect(() => transform(result)).toThrow(disposed);
      expect(() => transform(input)).toThrow(disposed);
      sane();
    });

    it.each<[string, Body]>([
      ['eval', (a) => mx.eval(a)],
      ['item', (a) => mx.sum(a).item()],
      ['tolist', (a) => a.tolist()],
      ['text', (a) => String(a)],
      ['asyncEval', (a) => void mx.asyncEval(a).catch(() => undefined)],
      ['data', (a) => void a.data().catch(() => undefined)],
    ])('either allows %s or says that it cannot be done here', (_, read) => {
      const f: Body = (a) => {
        read(a);
        return mx.sum(a);
      };
      const failure = thrownBy(() => transform(f));
      if (failure !== undefined) expect(String(failure.thrown)).toContain('Attempting to eval');
      sane();
    });

    it('makes a tracer that leaked usable, or a typed error', async () => {
      let leaked: Tensor | undefined;
      transform((a) => {
        leaked = a;
        return mx.sum(a);
      });
      const used = thrownBy(() => mx.add(leaked as Tensor, 1).tolist());
      if (used !== undefined) expect(used.thrown).toMatchObject({ code: 'ERR_MLX_OPERATION' });
      await mx.asyncEval(leaked as Tensor).catch((error) => expect(error).toMatchObject({ code: 'ERR_MLX_OPERATION' }));
      sane();
    });

    it('leaks nothing when it fails', () => {
      const live = () =>
        side === 'native' ? internals.nativeBackend.addon.usage()[0] : internals.pythonBackend.stats().liveTensors;
      const fail = () =>
        thrownBy(() =>
          mx.tidy(() =>
            transform((a) => {
              mx.exp(a);
              throw name;
            }),
          ),
        );
      for (let i = 0; i < rounds / 10; i++) fail();
      const before = live();
      for (let i = 0; i < rounds; i++) fail();
      expect(live()).toBeLessThan(before + rounds / 4);
    });
  });

  describe('nesting', () => {
    const ones = (a: Tensor) => mx.ones(a.shape);
    const exp = (a: Tensor) => mx.exp(a);
    type Map = (a: Tensor) => Tensor;
    // Each leaves exp what it is.
    const kinds: Record<string, (f: Map) => Map> = {
      grad: (f) => (a) => mx.grad((b: Tensor) => mx.sum(f(b)))(a),
      vjp: (f) => (a) => mx.vjp(f, [a], [ones(a)])[1][0] as Tensor,
      jvp: (f) => (a) => mx.jvp(f, [a], [ones(a)])[1][0] as Tensor,
      vmap: (f) => (a) =>
        mx
          .vmap((b: Tensor) => f(b.reshape([1])).reshape([]))(a.reshape([-1]))
          .reshape(a.shape),
      compile: (f) => mx.compile(f),
      checkpoint: (f) => mx.checkpoint(f),
      customFunction: (f) =>
        mx
          .customFunction(f)
          .vjp((_: Tensor, cotangent: Tensor, output: Tensor) => cotangent.multiply(output))
          .jvp((primal: Tensor, tangent: Tensor) => mx.exp(primal).multiply(tangent))
          .vmap((inputs: Tensor, axis: number) => [mx.exp(inputs), axis]),
      tidy: (f) => (a) => mx.tidy(() => f(a)),
    };
    const names = Object.keys(kinds);
    const wrap = (name: string) => kinds[name] as (f: Map) => Map;
    // MLX's `depends`, which a checkpoint's gradient has in it, knows neither.
    const isUnknownToMlx = (outer: string, middle: string, inner: string) =>
      inner === 'checkpoint' && ['grad', 'vjp'].includes(middle) && ['jvp', 'vmap'].includes(outer);

    it.each(names)('of %s around all pairs', (outer) => {
      for (const [at, middle] of names.entries()) {
        // In a worker each fused kernel is compiled anew: one inner kind for each pair will do.
        for (const inner of side === 'native' ? names : [names[(at + names.indexOf(outer)) % names.length] as string]) {
          const run = () => wrap(outer)(wrap(middle)(wrap(inner)(exp)))(x).tolist() as number[];
          if (isUnknownToMlx(outer, middle, inner)) expect(run).toThrow('Not implemented for Depends');
          else {
            const ratios = run().map((value, i) => value / Math.exp(i + 1));
            for (const ratio of ratios) expect(ratio, `${outer} ${middle} ${inner}`).toBeCloseTo(1);
          }
        }
      }
    });

    it('goes deep, and without end is an error', () => {
      let f: Map = exp;
      for (let i = 0; i < 60; i++) f = wrap(names[i % names.length] === 'checkpoint' ? 'compile' : 'customFunction')(f);
      expect(f(x).tolist()).toEqual(mx.exp(x).tolist());
      const endless: Map = (a) => mx.grad((b: Tensor) => mx.sum(endless(b)))(a);
      expect(() => endless(x)).toThrow(nestedTooDeep);
      sane();
      let gradients: Map = exp;
      for (let i = 0; i < 200; i++) gradients = mx.grad(gradients);
      expect(() => gradients(mx.array(1))).toThrow(nestedTooDeep);
      sane();
    });
  });

  describe('trees', () => {
    it.each([
      [
        'one with a circle',
        () => {
          const tree: unknown[] = [x];
          tree.push(tree);
          return tree;
        },
      ],
      [
        'one that repeats itself',
        () => {
          let tree: unknown = x;
          for (let i = 0; i < 40; i++) tree = [tree, tree];
          return tree;
        },
      ],
    ])('refuses %s', (_, make) => {
      expect(() => mx.compile((_tree: unknown) => 1)(make())).toThrow('without circles');
      expect(() => mx.grad((_tree: unknown) => mx.sum(x))(make())).toThrow('without circles');
    });

    it('keeps __proto__ a key like others', () => {
      const tree = JSON.parse('{"__proto__": {"evil": 1}, "w": 0}');
      tree.w = x;
      const result = mx.compile((t: Record<string, unknown>) => ({ ...t }))(tree) as Record<string, unknown>;
      expect(Object.keys(result)).toEqual(['__proto__', 'w']);
      expect(({} as Record<string, unknown>).evil).toBeUndefined();
      expect(result.evil).toBeUndefined();
    });

    it('distinguishes constants of every kind', () => {
      let traces = 0;
      const f = mx.compile((a: Tensor, _key: unknown) => {
        traces++;
        return a.add(1);
      });
      const keys = [
        1,
        '1',
        1n,
        true,
        'true',
        null,
        'null',
        undefined,
        0,
        -0,
        Number.NaN,
        '*',
        ['a', 'b'],
        ['a","b'],
        [],
        {},
      ];
      for (const key of [...keys, ...keys]) f(x, key);
      expect(traces).toBe(keys.length);
    });

    it('refuses what cannot be part of a key', () => {
      for (const key of [new Map(), () => 1, Symbol('s'), new Date(0)]) {
        expect(() => mx.compile((_: unknown) => 1)(key)).toThrow('expected arrays, numbers, strings');
      }
    });
  });

  describe('rules of a customFunction', () => {
    const f = () => mx.customFunction((a: Tensor) => mx.exp(a));
    it.each<[string, () => unknown, string]>([
      [
        'a gradient of another shape',
        () => mx.grad((a: Tensor) => mx.sum(f().vjp(() => mx.zeros([7]))(a)))(x),
        'of shape [3]',
      ],
      [
        'no tangent',
        () =>
          mx.jvp(
            f().jvp(() => []),
            [x],
            [x],
          ),
        'the jvp rule to give 1 array',
      ],
      ['no pair', () => mx.vmap(f().vmap(() => 3))(x), 'to give [outputs, axes]'],
      [
        'an axis that is not there',
        () => mx.vmap(f().vmap((a: Tensor) => [a, 9]))(x),
        'an axis of an array of 1 dimensions',
      ],
      ['nothing', () => mx.vmap(f().vmap(() => [[], 0]))(x), 'the vmap rule to give 1 array'],
    ])('are refused for %s', (_, run, message) => {
      expect(run).toThrow(message);
      sane();
    });

    it.each<[string, Body]>([
      ['an empty list', () => []],
      ['nothing', () => undefined],
    ])('and the function for %s', (_, wrong) => {
      expect(() => mx.customFunction(wrong)(x)).toThrow('at least one array');
      expect(() => mx.checkpoint(wrong)(x)).toThrow('at least one array');
    });
  });
});

describe('in a process of its own', () => {
  it('a graph as deep as the stack is an error where MLX walks it by recursion', async () => {
    const found = await askChild<string[]>(`
      const x = mx.array([1]);
      const deep = (a) => { for (let i = 0; i < 120000; i++) a = a.add(1); return a; };
      const outcome = (run) => { try { return String(run()); } catch (error) { return error.code; } };
      report([
        outcome(() => mx.jvp(deep, [x], [x])),
        outcome(() => mx.vmap(deep)(x)),
        outcome(() => mx.compile(deep)(x)),
        outcome(() => { const captured = deep(x); return mx.compile((a) => a.add(captured))(x); }),
        outcome(() => mx.grad((a) => mx.sum(deep(a)))(x).item()),
        outcome(() => mx.checkpoint(deep)(x)),
        outcome(() => mx.grad((a) => { for (let i = 0; i < 20000; i++) a = a.add(1); return mx.sum(a); })(x).item()),
      ]);
    `);
    expect(found).toEqual([...Array(6).fill('ERR_MLX_OPERATION'), '1']);
  });

  it('ten thousand kinds of calls keep bounded memory', async () => {
    const [kept, grown] = await askChild<[number, number]>(`
      const x = mx.array([1, 2, 3]);
      let traces = 0;
      const f = mx.compile((a, k) => { traces++; return a.add(k); });
      const fill = (from) => { for (let i = from; i < from + 10000; i++) mx.tidy(() => f(x, i)); };
      fill(0);
      const before = process.memoryUsage().rss;
      fill(10000);
      traces = 0;
      mx.tidy(() => f(x, 19999));
      report([traces, (process.memoryUsage().rss - before) / 1e6]);
    `);
    expect(kept).toBe(0);
    expect(grown).toBeLessThan(60);
  });

  it('a compiled function that is collected takes its traces along', async () => {
    const grown = await askChild<number>(`
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc');
      const big = () => { const w = mx.zeros([1 << 18]); mx.eval(w); return w; };
      const x = mx.array(1);
      const round = async () => {
        for (let i = 0; i < 40; i++) { const w = big(); mx.compile((a) => a.add(w))(x); }
        for (let i = 0; i < 4; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)); }
      };
      await round();
      const memory = mx.getActiveMemory();
      for (let i = 0; i < 4; i++) await round();
      report((mx.getActiveMemory() - memory) / (1 << 20));
    `);
    expect(grown).toBeLessThan(20);
  });

  it('worker threads each have transforms of their own', async () => {
    const answers = await askChild<number[]>(`
      import { Worker } from 'node:worker_threads';
      const body = \`
        import { register } from 'tsx/esm/api';
        import { parentPort, workerData } from 'node:worker_threads';
        register();
        const { core: mx } = await import(\${JSON.stringify(${JSON.stringify(new URL('../../mlx/index.ts', import.meta.url).href)})});
        const x = mx.array([workerData]);
        const step = mx.compile((a) => mx.grad((b) => mx.sum(mx.square(b)))(a));
        let sum = 0;
        for (let i = 0; i < 200; i++) sum += step(x).index(0).item();
        const endless = (a) => mx.grad((b) => mx.sum(endless(b)))(a);
        try { endless(x); } catch (error) { if (error.code !== 'ERR_MLX_OPERATION') throw error; }
        parentPort.postMessage(sum);
      \`;
      const url = new URL('data:text/javascript,' + encodeURIComponent(body));
      const run = (workerData) => new Promise((resolve, reject) => {
        const worker = new Worker(body, { eval: true, workerData });
        worker.once('message', resolve);
        worker.once('error', reject);
      });
      report(await Promise.all([run(1), run(2)]));
    `);
    expect(answers).toEqual([400, 800]);
  });
});
