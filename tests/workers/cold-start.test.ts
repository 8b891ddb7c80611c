import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configure, internals, core as mx, pythonPool, registry, routing, shutdown } from '../../mlx/index.ts';
import { WITH_BRIDGE_FUNCTIONS } from '../support/python-side.ts';

const { pythonBackend } = internals;
const python = { implementation: 'python' } as const;
const kept = registry.register({ name: 'cold.keep', python: 'bridge_functions:keep' });
const keep = registry.register({ name: 'cold.same', python: 'bridge_functions:same' });

beforeAll(() => configure(WITH_BRIDGE_FUNCTIONS));
beforeEach(() => shutdown());
afterAll(() => shutdown());

/** How the event loop fared until the promise settled. */
async function watched<T>(start: () => Promise<T>): Promise<{ value: T; inOneTurn: boolean; ticks: number }> {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 5);
  try {
    const running = start();
    // No call blocked until a worker was ready.
    const inOneTurn = pythonPool.stats().perWorker.every(({ state }) => state === 'absent' || state === 'starting');
    return { value: await running, inOneTurn, ticks };
  } finally {
    clearInterval(timer);
  }
}

const calls: Record<string, (x: mx.Array) => Promise<unknown>> = {
  'of an operation': (x) => registry.callAsync('add', x, x, python),
  'with a number': (x) => registry.callAsync('multiply', x, 2, python),
  'of an operation of several arrays': (x) =>
    registry.callAsync('concatenate', [mx.sum(x, { keepdims: true }), x], python),
  "of the user's operation": (x) => keep.async(x),
  'in a scope of Python, with a list': (x) =>
    mx.withImplementation('python', () => registry.callAsync('take', x, [0, 1])),
  'of a random operation': () => registry.callAsync('random.normal', [2], python),
  'in a session': (x) => mx.withSession(() => registry.callAsync('add', x, x, python)),
  'with a large array': () => registry.callAsync('sum', mx.ones([2 ** 21]), python),
  'of another kind, an import': () => mx.python.import('bridge_functions'),
};

describe('while a worker starts, an asynchronous call', () => {
  it.each(Object.keys(calls))('%s lets timers tick', async (name) => {
    const x = mx.add(mx.array([1, 2]), 1);
    const { inOneTurn, ticks } = await watched(async () => calls[name]?.(x));
    expect(inOneTurn).toBe(true);
    // A start takes 80 ms and more.
    expect(ticks).toBeGreaterThan(2);
  });

  it('has the values that its arguments had', async () => {
    const x = mx.array([1, 2]);
    const y = mx.array([5]);
    const running = [registry.callAsync('add', x, y, python), registry.callAsync('multiply', x, y, python)];
    x.add_(10);
    y.dispose();
    const [sum, product] = (await Promise.all(running)) as mx.Array[];
    expect([sum?.tolist(), product?.tolist(), x.tolist()]).toEqual([
      [6, 7],
      [5, 10],
      [11, 12],
    ]);
    expect(mx.multiply(x, 1, python).tolist()).toEqual([11, 12]);
  });

  it('brings each array once, and it stays there', async () => {
    const x = mx.array([1, 2]);
    await Promise.all([1, 2, 3].map((times) => registry.callAsync('multiply', x, times, python)));
    expect(x.residency).toMatchObject({ native: true, python: true });
    const before = routing.transfers().toPython.count;
    await registry.callAsync('add', x, x, python);
    expect(routing.transfers().toPython.count).toBe(before);
  });

  it('keeps nothing of what was disposed or replaced meanwhile', async () => {
    const before = pythonBackend.stats().liveTensors;
    const made = await mx.withSession(async () => {
      const x = mx.array([1, 2]);
      const inner = mx.session();
      const running = inner.run(() => registry.callAsync('add', x, mx.array([1]), python));
      x.dispose();
      inner.end();
      return (await running.catch((error: unknown) => error)) as unknown;
    });
    expect(made).toMatchObject({ dtype: mx.float32 });
    expect(pythonBackend.stats().liveTensors - before).toBeLessThanOrEqual(1);
  });

  it('goes after those before it, and before those after it', async () => {
    const order: number[] = [];
    const note = (n: number) => () => order.push(n);
    const x = mx.array([1]);
    await Promise.all([
      kept.async(x).then(note(1)),
      kept.async(2).then(note(2)),
      kept.async([mx.array([3]), x]).then(note(3)),
      kept.async(4).then(note(4)),
    ]);
    expect(order).toEqual([1, 2, 3, 4]);
    const functions = await mx.python.import('bridge_functions');
    const length = await mx.python.len(functions.KEPT);
    expect(length).toBe(4);
    expect(await mx.python.item(functions.KEPT, 1)).toBe(2);
    expect(await mx.python.item(functions.KEPT, 3)).toBe(4);
  });

  it('that is aborted, or too late, is rejected at once, and leaves nothing', async () => {
    const before = pythonBackend.stats().liveTensors;
    const controller = new AbortController();
    const aborted = registry.callAsync('add', mx.array([1]), 1, { signal: controller.signal, ...python });
    controller.abort();
    await expect(aborted).rejects.toThrow(controller.signal.reason);
    const late = mx.withDeadline(1, () => registry.callAsync('add', mx.array([1]), 1, python));
    await expect(late).rejects.toMatchObject({ name: 'WorkerTimeoutError', operation: 'mx.add' });
    await pythonPool.start(1);
    await registry.callAsync('abs', mx.array([1]), python);
    expect(pythonBackend.stats().liveTensors - before).toBeLessThanOrEqual(3);
  });

  it('is rejected where no worker can start', async () => {
    configure({ pythonPath: '/nowhere/python' });
    try {
      await expect(registry.callAsync('add', mx.array([1]), 1, python)).rejects.toMatchObject({
        name: 'BackendUnavailableError',
      });
    } finally {
      configure({ pythonPath: null });
    }
  });
});
