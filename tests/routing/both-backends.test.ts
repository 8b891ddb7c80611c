// An array that this process holds too outlives every Python process.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configure, core as mx, registry, shutdown, TensorLostError } from '../../mlx/index.ts';

const PYTHON = { implementation: 'python' } as const;
const folder = mkdtempSync(join(tmpdir(), 'both-backends-'));
writeFileSync(join(folder, 'ending.py'), 'import os\n\ndef pid():\n    return os.getpid()\n');
const pid = registry.register<number>({ name: 'ending.pid', python: 'ending:pid' });

beforeAll(() => configure({ pythonModules: ['ending'], pythonFolders: [folder] }));
beforeEach(() => configure({ recovery: true, pythonErrors: 'immediate' }));
afterAll(() => shutdown());

const plusOne = (x: mx.Array) => mx.add(x, 1, PYTHON);

describe('a native array that was used in Python', () => {
  const uses: Record<string, (x: mx.Array) => unknown> = {
    'a call': (x) => plusOne(x).tolist(),
    'an awaited call': async (x) => ((await registry.callAsync('exp', x, PYTHON)) as mx.Array).tolist(),
    'a call with a list': (x) => mx.concatenate([x, x], PYTHON).tolist(),
    'a pipeline': (x) => mx.pipeline(() => mx.exp(mx.add(x, x, PYTHON), PYTHON)).tolist(),
    'a transform': (x) =>
      mx
        .grad(
          (y: mx.Array) => mx.sum(mx.square(y)),
          PYTHON,
        )(x)
        .tolist(),
    'a session': (x) => mx.withSession(() => plusOne(x)).then((y) => y.tolist()),
  };

  test.each(Object.entries(uses))('may be used there after a shutdown: %s', async (_, use) => {
    const x = mx.array([1, 2, 3]);
    const before = await use(x);
    await shutdown();
    expect(await use(x)).toEqual(before);
  });

  test('goes over again where the bridge remembers nothing of it', async () => {
    configure({ recovery: false });
    const x = mx.array([1, 2, 3]);
    plusOne(x);
    process.kill(pid(), 'SIGKILL');
    for (let tries = 0; ; tries++) {
      try {
        expect(plusOne(x).tolist()).toEqual([2, 3, 4]);
        break;
      } catch (error) {
        // Until the exit is noticed the call itself is in flight, and is not repeated.
        if (error instanceof TensorLostError || tries === 100) throw error;
      }
    }
  });

  test('is freed with its new copy', async () => {
    const x = mx.array([1, 2, 3]);
    plusOne(x);
    await shutdown();
    mx.tidy(() => void plusOne(x));
    expect(plusOne(x).tolist()).toEqual([2, 3, 4]);
    x.dispose();
    expect(x.isDisposed).toBe(true);
  });
});

test('an array of Python that was read by native stays valid as well', async () => {
  const x = plusOne(mx.array([1, 2, 3]));
  expect(mx.sum(x).item()).toBe(9);
  await shutdown();
  expect(plusOne(x).tolist()).toEqual([3, 4, 5]);
});

test('one that only the worker held is lost', async () => {
  const x = plusOne(mx.array([1, 2, 3]));
  await shutdown();
  expect(() => plusOne(x)).toThrow(TensorLostError);
});
