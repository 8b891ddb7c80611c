import { expect, it } from 'vitest';
import { askChild } from './support/children.ts';

it('memory that the system does not give is an error, and the process lives on', async () => {
  const found = await askChild<unknown[]>(`
    const tell = (run) => { try { return run(); } catch (error) { return error.code + ': ' + error.message; } };
    const held = mx.getActiveMemory();
    // More bytes than a process has addresses.
    const many = () => mx.zeros([2 ** 22, 2 ** 22], mx.complex64);
    report([
      tell(() => mx.eval(many())),
      tell(() => mx.fft.fft(many()).item()),
      await many().data().catch((error) => error.code + ': ' + error.message),
      mx.getActiveMemory() - held < 1e9,
      mx.add(mx.ones([2]), 1).tolist(),
    ]);
  `);
  const refused = expect.stringMatching(/^ERR_MLX_OPERATION.*Unable to allocate/);
  expect(found).toEqual([refused, expect.stringMatching(/^ERR_MLX_/), refused, true, [2, 2]]);
}, 60_000);
