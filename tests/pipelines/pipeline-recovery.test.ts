import { describe, expect, it } from 'vitest';
import { configure, internals, core as mx, OperationError, registry } from '../../mlx/index.ts';
import { caught, inPython, pipelined, WITH_BRIDGE_FUNCTIONS } from '../support/python-side.ts';

configure({ ...WITH_BRIDGE_FUNCTIONS, poolSize: 1 });

type Tensor = ReturnType<typeof mx.array>;

const pid = registry.register<number>({ name: 'own.pidToKill', python: 'bridge_functions:pid' });

function kill(): void {
  process.kill(pid(), 'SIGKILL');
}

const restarts = (): number => internals.pythonBackend.stats().restarts;

describe('a worker that exits after a pipeline', () => {
  it('loses none of its results, whatever forms the calls had', () => {
    const x = inPython(() => mx.array([1, 2, 3, 4]));
    const run = (): Tensor[] => {
      let y = x;
      for (let i = 0; i < 100; i++) y = mx.add(y, mx.exp(mx.negative(y)));
      const chosen = mx.where(mx.greater(y, x), y, x);
      return [y, chosen, mx.sum(chosen, 0), mx.reshape(mx.multiply(chosen, 0.1), [2, 2]), mx.matmul(x, y)];
    };
    const expected = inPython(run).map((array) => array.tolist());
    const made = pipelined(run);
    kill();
    expect(made.map((array) => array.tolist())).toEqual(expected);
    kill();
    // Through ordinary calls, and once more.
    expect(inPython(() => mx.add(made[0] as Tensor, 0).tolist())).toEqual(expected[0]);
    expect(pipelined(() => mx.multiply(made[1] as Tensor, x)).shape).toEqual([4]);
    expect(made.map((array) => array.tolist())).toEqual(expected);
  });

  it('makes again what depends on freed results, on transfers and on other calls', () => {
    const x = inPython(() => mx.array([1, 2, 3, 4]));
    const last = pipelined(() =>
      mx.tidy(() => {
        const y = mx.add(x, x);
        const native = mx.multiply(y, y, { implementation: 'native' });
        const z = mx.add(native, y);
        y.dispose();
        const [left, right] = mx.split(z, 2) as [Tensor, Tensor];
        return mx.add(mx.add(left, right), mx.array([10, 20]));
      }),
    );
    x.dispose();
    kill();
    expect(last.tolist()).toEqual([6 + 42 + 10, 20 + 72 + 20]);
  });

  it('makes long chains again, of which most was forgotten', () => {
    const one = inPython(() => mx.array([1, 1]));
    const last = pipelined(() => {
      let x = one;
      for (let i = 0; i < 150_000; i++) x = mx.add(x, one);
      return x;
    });
    expect(internals.pythonBackend.stats().remembered).toBeLessThan(131_072);
    kill();
    expect(last.tolist()).toEqual([150_001, 150_001]);
  });

  it('finds the shape of a result that was not read', () => {
    const x = inPython(() => mx.array([[1, 2, 3]]));
    const y = pipelined(() => mx.matmul(mx.add(x, x), mx.add(x, x).T));
    kill();
    expect(y.shape).toEqual([1, 1]);
    expect(y.item()).toBe(56);
  });
});

describe('a worker that exits during a pipeline', () => {
  it('is not noticed', () => {
    const x = inPython(() => mx.array([1, 2]));
    const before = restarts();
    let y = x;
    const last = pipelined(() => {
      y = mx.add(x, x);
      const worker = pid();
      for (let i = 0; i < 500; i++) y = mx.add(y, x);
      process.kill(worker, 'SIGKILL');
      for (let i = 0; i < 5000; i++) {
        const z = mx.add(y, x);
        if (i % 3 === 0) y.dispose();
        y = z;
      }
      return mx.subtract(y, x);
    });
    expect(last.tolist()).toEqual([5501, 11_002]);
    expect(restarts()).toBe(before + 1);
    expect(pipelined(() => mx.add(x, last)).tolist()).toEqual([5502, 11_004]);
  });

  it('is not noticed by an asynchronous one', async () => {
    const x = inPython(() => mx.array([1, 2]));
    const last = await inPython(() =>
      mx.pipeline(async () => {
        let y = mx.add(x, x);
        const worker = pid();
        for (let i = 0; i < 1000; i++) {
          y = mx.add(y, x);
          if (i === 500) process.kill(worker, 'SIGKILL');
          if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        return y;
      }),
    );
    expect(last.tolist()).toEqual([1002, 2004]);
  });

  it('still throws the error of a call whose results were all dropped', () => {
    const [x, short] = inPython(() => [mx.array([1, 2]), mx.array([1, 2, 3])] as const);
    const error = caught(() =>
      pipelined(() => {
        const worker = pid();
        process.kill(worker, 'SIGSTOP');
        mx.add(x, short);
        for (let i = 0; i < 200; i++) mx.add(x, x);
        process.kill(worker, 'SIGKILL');
      }),
    );
    expect(error).toBeInstanceOf(OperationError);
    expect(error.message).toContain('broadcast');
    expect(error.operation).toBe('mx.add');
  });
});

describe('poisoned results', () => {
  it('hold their error across the exit of a worker, and so does what is made from them then', () => {
    const [x, short] = inPython(() => [mx.array([1, 2]), mx.array([1, 2, 3])] as const);
    const made: Tensor[] = [];
    const first = caught(() =>
      pipelined(() => {
        made.push(mx.add(x, short));
        made.push(mx.exp(made[0] as Tensor));
        made.push(mx.add(x, x));
      }),
    );
    kill();
    expect(caught(() => made[1]?.tolist())).toBe(first);
    expect(caught(() => made[0]?.tolist())).toBe(first);
    expect(made[2]?.tolist()).toEqual([2, 4]);
    expect(caught(() => pipelined(() => mx.exp(mx.exp(made[1] as Tensor)).tolist()))).toBe(first);
  });

  it('do so where there are more than the worker reported', () => {
    const [x, short] = inPython(() => [mx.array([1, 2]), mx.array([1, 2, 3])] as const);
    const made: Tensor[] = [];
    caught(() =>
      pipelined(() => {
        for (let i = 0; i < 60; i++) made.push(mx.add(x, short), mx.add(x, x));
      }),
    );
    kill();
    for (const [i, one] of made.entries()) {
      if (i % 2 === 1) expect(one.tolist()).toEqual([2, 4]);
      else expect(caught(() => one.tolist())).toBeInstanceOf(OperationError);
    }
  });
});
