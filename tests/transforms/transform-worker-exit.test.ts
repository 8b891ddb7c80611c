import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure, core as mx, pythonPool, shutdown } from '../../mlx/index.ts';
import { inPython, WITH_BRIDGE_FUNCTIONS } from '../support/python-side.ts';

beforeAll(() => configure(WITH_BRIDGE_FUNCTIONS));
afterAll(() => shutdown());

const killWorker = (): void => {
  process.kill(pythonPool.stats().perWorker[0]?.pid as number, 'SIGKILL');
};

type Run = (y: mx.Array) => mx.Array;

const transforms: Record<string, (f: Run, x: mx.Array) => unknown> = {
  grad: (f, x) => mx.grad(f)(x),
  vjp: (f, x) => mx.vjp(f, [x], [mx.array(1)]),
  jvp: (f, x) => mx.jvp(f, [x], [x]),
  vmap: (f, x) => mx.vmap(f)(x.reshape([1, 3])),
  compile: (f, x) => mx.compile(f)(x),
  checkpoint: (f, x) => mx.checkpoint(f)(x),
  customFunction: (f, x) => mx.customFunction(f)(x),
  'grad of grad': (f, x) => mx.grad((y: mx.Array) => mx.sum(mx.grad(f)(y)))(x),
};

/** What calls fail with, or that they did not. */
async function failure(use: () => unknown): Promise<unknown> {
  try {
    await use();
  } catch (error) {
    return error;
  }
  return 'no error';
}

describe('a worker that exits while it transforms a function', () => {
  it.each([
    ...Object.keys(transforms).map((name) => [name, 'within the function'] as const),
    ['grad', 'before its first call'],
    ['grad', 'after its last call'],
  ] as const)(
    'ends %s with a typed error, %s, which is not called again, and its arguments live on',
    async (name, when) => {
      const x = inPython(() => mx.add(mx.array([1, 2, 3]), 1));
      let calls = 0;
      const squares: Run = (y) => {
        calls += 1;
        if (when === 'before its first call') killWorker();
        const squared = mx.square(y);
        if (when === 'within the function') killWorker();
        const sum = mx.sum(squared);
        if (when === 'after its last call') killWorker();
        return sum;
      };
      const died = await failure(() => inPython(() => transforms[name]?.(squares, x)));
      expect(died).toMatchObject({ name: 'WorkerDiedError', implementation: 'python' });
      expect(String(died)).toMatch(/mx\.\w+: the Python worker .* was ended by SIGKILL/);
      expect(calls).toBe(1);
      expect(x.tolist()).toEqual([2, 3, 4]);
      const again = inPython(() => mx.grad((y: mx.Array) => mx.sum(mx.square(y)))(x));
      expect(again.tolist()).toEqual([4, 6, 8]);
    },
  );

  it('shows the function that its arguments are lost', async () => {
    const x = inPython(() => mx.array([1, 2]));
    let seen: unknown;
    const died = await failure(() =>
      inPython(() =>
        mx.grad((y: mx.Array) => {
          killWorker();
          try {
            return mx.sum(y);
          } catch (error) {
            seen = error;
            throw error;
          }
        })(x),
      ),
    );
    expect(seen).toMatchObject({
      name: expect.stringMatching(/^(TensorLost|WorkerDied)Error$/),
      operation: 'mx.sum',
    });
    expect(died).toMatchObject({ name: 'WorkerDiedError' });
  });
});

describe('a worker that exits while it waits for a function that is awaited', () => {
  it.each([
    ['at once', (y: mx.Array) => mx.sum(y)],
    ['later', async (y: mx.Array) => sleep(50).then(() => mx.sum(y))],
    ['with a transform in it', (y: mx.Array) => mx.grad((z: mx.Array) => mx.sum(mx.square(z)))(y)],
  ] as const)('rejects the call, and the function is not called again: %s', async (_, answer) => {
    const functions = await mx.python.import('bridge_functions');
    const x = inPython(() => mx.add(mx.array([1, 2]), 1));
    let calls = 0;
    const died = await failure(() =>
      functions.apply((y: mx.Array) => {
        calls += 1;
        killWorker();
        return answer(y);
      }, x),
    );
    expect(died).toMatchObject({ name: 'WorkerDiedError', operation: 'bridge_functions.apply' });
    expect(calls).toBe(1);
    expect(await x.data()).toEqual(Float32Array.of(2, 3));
  });
});
