import { describe, expect, it } from 'vitest';
import { askChild, runChild } from '../support/children.ts';

/** About 300 ms of work for one core, as a graph that is not evaluated yet. */
const HEAVY = `
  const side = mx.ones([700, 700]).multiply(0.001);
  mx.eval(side);
  const heavy = (times) => {
    let product = side;
    for (let i = 0; i < times; i++) product = mx.matmul(product, side);
    return product;
  };
  const start = performance.now();
  mx.eval(heavy(4));
  const times = Math.max(4, Math.ceil((4 * 300) / (performance.now() - start)));
`;

const BACKENDS = ['native', 'python'] as const;

/** The same, with everything in one backend. */
function heavyOn(backend: (typeof BACKENDS)[number]): string {
  return HEAVY.replaceAll('mx.ones([700, 700])', `mx.ones([700, 700], { implementation: '${backend}' })`).replaceAll(
    'mx.matmul(product, side)',
    `mx.matmul(product, side, { implementation: '${backend}' })`,
  );
}

describe.each([
  ['asyncEval', 'await mx.asyncEval(product);'],
  ['data', 'await product.data();'],
])('%s', (_, wait) => {
  it('lets a timer tick while MLX computes', async () => {
    const { ticks, longest, elapsed } = await askChild<{ ticks: number; longest: number; elapsed: number }>(`
      ${HEAVY}
      const product = heavy(times);
      let [ticks, last, longest] = [0, performance.now(), 0];
      const timer = setInterval(() => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
        ticks++;
      }, 5);
      const begin = performance.now();
      ${wait}
      clearInterval(timer);
      report({ ticks, longest, elapsed: performance.now() - begin });
    `);
    expect(elapsed).toBeGreaterThan(30);
    // A blocked thread would show one gap as long as the whole.
    expect(ticks).toBeGreaterThan(elapsed / 50);
    expect(longest).toBeLessThan(Math.max(elapsed * 0.7, 100));
  });
});

describe('asyncEval', () => {
  it.each(BACKENDS)('lets 20 ticks of 5 ms by during a product of 300 ms on %s', async (backend) => {
    const { ticks, elapsed } = await askChild<{ ticks: number; elapsed: number }>(`
      ${heavyOn(backend)}
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      const begin = performance.now();
      const elapsed = () => performance.now() - begin;
      // On a loaded machine a little longer: a blocked thread would tick once for each product.
      while (elapsed() < 300 || (ticks < 20 && elapsed() < 3000)) await mx.asyncEval(heavy(times));
      clearInterval(timer);
      report({ ticks, elapsed: elapsed() });
      await shutdown();
    `);
    expect(elapsed).toBeGreaterThanOrEqual(300);
    expect(ticks).toBeGreaterThanOrEqual(20);
  });

  it.each(BACKENDS)('stops waiting when its signal aborts, and computes on, on %s', async (backend) => {
    const found = await askChild<unknown[]>(`
      ${heavyOn(backend)}
      const product = heavy(times * 2);
      const reason = (run) => run.then(() => 'done', (error) => error.name);
      const before = await reason(mx.asyncEval(heavy(1), { signal: AbortSignal.abort() }));
      const begin = performance.now();
      const during = await reason(mx.asyncEval(product, { signal: AbortSignal.timeout(20) }));
      const waited = performance.now() - begin;
      const controller = new AbortController();
      const after = await reason(mx.asyncEval(mx.add(1, 1), { signal: controller.signal }));
      controller.abort(new Error('too late'));
      await mx.asyncEval(product);
      report([before, during, after, Number.isFinite(mx.sum(product).item()), waited < performance.now() - begin]);
      await shutdown();
    `);
    expect(found).toEqual(['AbortError', 'TimeoutError', 'done', true, true]);
  });
});

describe('an asynchronous call', () => {
  it('rejects with the typed error, on both backends, and the process goes on', async () => {
    const outcome = await askChild<string[]>(`
      const found = [];
      const note = (error) => found.push(error.constructor.name + ' ' + error.operation);
      for (const implementation of ['native', 'python']) {
        const singular = () => mx.linalg.inv(mx.zeros([2, 2]), { implementation });
        await mx.asyncEval(singular()).then(() => found.push('no error'), note);
        await singular().data().then(() => found.push('no error'), note);
      }
      const disposed = mx.array([1]);
      disposed.dispose();
      await mx.asyncEval(disposed).catch(note);
      await disposed.data().catch(note);
      const python = mx.add(mx.array([1]), 1, { implementation: 'python' });
      found.push(String((await python.data())[0]));
      python.dispose();
      await python.data().catch(note);
      await mx.asyncEval([python]).catch(note);
      found.push(String(mx.add(1, 1).item()));
      await shutdown();
      report(found);
    `);
    expect(outcome.filter((line) => line.startsWith('DisposedError'))).toEqual([
      'DisposedError mx.asyncEval',
      'DisposedError mx.array.data',
      'DisposedError mx.array.data',
      'DisposedError mx.asyncEval',
    ]);
    expect(outcome.filter((line) => line.startsWith('OperationError'))).toHaveLength(4);
    expect(outcome).not.toContain('no error');
    expect(outcome).toContain('2');
  });

  it('rejects with the reason of a signal, and with an ArgumentError for what is no signal', async () => {
    const found = await askChild<unknown[]>(`
      ${HEAVY}
      const outcome = (run) => run.then(({ length }) => length, (error) => error.message);
      const reason = new Error('enough');
      const controller = new AbortController();
      const product = heavy(times);
      const waiting = outcome(product.data({ signal: controller.signal }));
      controller.abort(reason);
      report([
        await waiting,
        await outcome(product.data({ signal: AbortSignal.abort(reason) })),
        await outcome(product.data({ signal: new AbortController().signal })),
        await outcome(product.data({})),
        await outcome(product.data({ signal: 3 })),
        await outcome(product.data(5)),
      ]);
    `);
    expect(found.slice(0, 4)).toEqual(['enough', 'enough', 490_000, 490_000]);
    expect(found[4]).toBe('mx.array.data: expected an AbortSignal for "signal", received the number 3');
    expect(found[5]).toBe('mx.array.data: expected options in an object, received the number 5');
  });

  it('gives the values of what is dropped in the next line, on both backends', async () => {
    const found = await askChild<unknown[]>(`
      const found = [];
      for (const implementation of ['native', 'python']) {
        for (const isReady of [true, false]) {
          const [x, y] = [1, 2].map((value) => mx.full([3], value, { implementation }));
          if (isReady) mx.eval(x, y);
          const started = mx.asyncEval(x, y).then(() => 'done', (error) => error.message);
          const read = x.data().then((values) => [...values], (error) => error.message);
          x.dispose();
          found.push(await started, await read, y.tolist());
        }
      }
      await shutdown();
      report(found);
    `);
    const each = ['done', [1, 1, 1], [2, 2, 2]];
    expect(found).toEqual([...each, ...each, ...each, ...each]);
  });

  it('runs many at once, on both backends', async () => {
    const sums = await askChild<number[]>(`
      const of = (i, implementation) => mx.sum(mx.full([64, 64], i, { implementation })).data();
      const all = await Promise.all(
        Array.from({ length: 40 }, (_, i) => of(i, i % 4 === 0 ? 'python' : 'native')),
      );
      report(all.map(([sum]) => sum));
      await shutdown();
    `);
    expect(sums).toEqual(Array.from({ length: 40 }, (_, i) => i * 4096));
  });
});

describe('the end of the process', () => {
  it.each([
    [
      'a native evaluation in flight',
      `${HEAVY} void mx.asyncEval(heavy(times)); setTimeout(() => process.exit(7), 10);`,
    ],
    [
      'a Python evaluation in flight',
      `${heavyOn('python')} void mx.asyncEval(heavy(times * 4)); setTimeout(() => process.exit(7), 50);`,
    ],
    [
      'evaluations and reads of both backends in flight',
      `${HEAVY} const all = ['native', 'python'].flatMap((implementation) => {
        const x = mx.matmul(side, side, { implementation });
        return [mx.asyncEval(x), x.data(), x.data({ signal: AbortSignal.timeout(1) }).catch(() => undefined)];
      });
      setTimeout(() => process.exit(7), 5);`,
    ],
    [
      'a Python call in flight',
      "void library.registry.callAsync('matmul', mx.ones([900, 900]), mx.ones([900, 900]), { implementation: 'python' });" +
        'setTimeout(() => process.exit(7), 300);',
    ],
    ['an idle worker', "mx.add(1, 1, { implementation: 'python' }).item(); process.exit(7);"],
  ])('comes at once, and quietly, with %s', async (_, body) => {
    const ended = await runChild(body);
    expect(ended).toMatchObject({ code: 7, signal: null });
    expect(ended.stderr).toBe('');
  });

  it('comes by itself when the work is done, with a worker still idle', async () => {
    const ended = await runChild("console.log(mx.add(1, 1, { implementation: 'python' }).item());");
    expect(ended).toMatchObject({ code: 0, signal: null, stdout: '2\n', stderr: '' });
  });

  it('waits for a promise that is awaited', async () => {
    const ended = await runChild(`${HEAVY} await mx.asyncEval(heavy(times)); console.log('done');`);
    expect(ended).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
  });
});
