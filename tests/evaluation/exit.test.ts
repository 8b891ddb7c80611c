// The exit handlers of an application may run after our own, which ends the workers.
import { expect, it } from 'vitest';
import { runChild } from '../support/children.ts';

it('a call in an exit handler that comes too late fails at once, with a typed error', async () => {
  const { code, stdout, stderr } = await runChild(`
    const python = { implementation: 'python' };
    const x = mx.add(mx.array([1, 2]), 1, python);
    process.on('exit', () => {
      const begun = performance.now();
      try {
        mx.add(x, 1, python);
      } catch (error) {
        console.log(error instanceof library.MlxRouterError, error.code, performance.now() - begun < 15_000);
      }
    });
  `);
  expect([stdout.trim(), stderr, code]).toEqual(['true ERR_MLX_WORKER_DIED true', '', 0]);
});
