import { describe, expect, it } from 'vitest';
import { askChild, runChild } from '../support/children.ts';

// After a small evaluation the stream's thread looks for more work before it sleeps, and so does who waits.
describe('small evaluations that follow each other', () => {
  it('have their values whatever comes between', async () => {
    const wrong = await askChild<number>(`
      import { setImmediate } from 'node:timers/promises';
      const other = mx.newStream(mx.cpu);
      const big = mx.ones([1 << 18]);
      mx.eval(big);
      let wrong = 0;
      let total = 0;
      const between = [
        () => {},
        () => mx.synchronize(),
        () => mx.synchronize(other),
        () => { if (mx.add(total, 1, { stream: other }).item() !== total + 1) wrong++; },
        () => { if (mx.exp(big).sum().item() < 1) wrong++; },
        () => { void mx.asyncEval(mx.add(total, 2)); },
        () => mx.asyncEval(mx.add(total, 3)),
        () => { try { mx.linalg.cholesky(mx.zeros([2, 2]), { stream: mx.cpu }).tolist(); } catch {} },
        () => { const end = performance.now() + 0.2; while (performance.now() < end); },
        () => setImmediate(),
      ];
      let x = mx.array(0);
      for (let i = 0; i < 3000; i++) {
        x = x.add(1);
        mx.eval(x);
        total++;
        await between[(i * 7) % between.length]();
        if (x.item() !== total) wrong++;
      }
      report(wrong);
    `);
    expect(wrong).toBe(0);
  });

  it('leave a process that exits at once its status', async () => {
    for (const status of [0, 3]) {
      const { code, signal } = await runChild(`
        let x = mx.array(0);
        for (let i = 0; i < 50; i++) { x = x.add(1); mx.eval(x); }
        process.exit(${status});
      `);
      expect([code, signal]).toEqual([status, null]);
    }
  });
});
