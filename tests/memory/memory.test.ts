import { describe, expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

/** Megabytes by which the process grew while the loop ran, in one turn of the event loop, nothing disposed. */
function growth(prepare: string, loop: string): Promise<number> {
  return askChild<number>(`
    const rss = () => process.memoryUsage().rss / 2 ** 20;
    ${prepare}
    const before = rss();
    ${loop}
    report(rss() - before);
    process.exit(0);
  `);
}

describe('memory in a synchronous loop that disposes of nothing', () => {
  it('grows by less than 100 MB over 2000 results of 1 MB', async () => {
    const megabytes = await growth(
      'const a = mx.ones([512, 512]); mx.eval(a.add(1));',
      'for (let i = 0; i < 2000; i++) mx.eval(mx.add(a, i));',
    );
    expect(megabytes).toBeLessThan(100);
  });

  it('grows by less than 30 MB over 300,000 small results', async () => {
    const megabytes = await growth(
      'const a = mx.ones([4]); const b = mx.ones([4]); for (let i = 0; i < 20000; i++) mx.add(a, b);',
      'for (let i = 0; i < 300000; i++) mx.add(a, b);',
    );
    expect(megabytes).toBeLessThan(30);
  });

  it('stays flat over 100,000 evaluated products', async () => {
    const megabytes = await growth(
      'const a = mx.ones([8, 8]); for (let i = 0; i < 20000; i++) mx.eval(mx.matmul(a, a));',
      'for (let i = 0; i < 100000; i++) mx.eval(mx.matmul(a, a));',
    );
    expect(megabytes).toBeLessThan(20);
  });

  it('counts what a small view pins: 2000 corners of results of 1 MB', async () => {
    const megabytes = await growth(
      'const a = mx.ones([512, 512]); mx.eval(a.add(1));',
      "for (let i = 0; i < 2000; i++) mx.eval(mx.add(a, i).index('0:2, 0:2'));",
    );
    expect(megabytes).toBeLessThan(150);
  });

  it('stays bounded over 2000 results of a Python worker, on both sides', async () => {
    const { live, megabytes } = await askChild<{ live: number; megabytes: number }>(`
      const rss = () => process.memoryUsage().rss / 2 ** 20;
      const a = mx.ones([64, 64]);
      mx.eval(mx.add(a, 1, { implementation: 'python' }));
      const before = rss();
      for (let i = 0; i < 2000; i++) mx.add(a, i, { implementation: 'python' });
      const { liveTensors } = library.internals.pythonBackend.stats();
      report({ live: liveTensors, megabytes: rss() - before });
      await shutdown();
    `);
    expect(live).toBeLessThan(1000);
    expect(megabytes).toBeLessThan(50);
  });

  it('leaves descriptors as they were', async () => {
    const [before, after] = await askChild<[number, number]>(`
      import { readdirSync } from 'node:fs';
      const count = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
      const a = mx.ones([4]);
      mx.add(a, 1, { implementation: 'python' }).tolist();
      const before = count();
      for (let i = 0; i < 200; i++) mx.add(mx.add(a, i), 1, { implementation: 'python' }).tolist();
      report([before, count()]);
      await shutdown();
    `);
    expect(after).toBeLessThanOrEqual(before + 1);
  });
});
