import { expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

it.each(['native', 'python'] as const)(
  'memory that the system does not give is an error, and the process lives on, %s',
  async (side) => {
    const found = await askChild<unknown[]>(`
    configure({ preferNative: ${side === 'native'} });
    const attempt = (run) => { try { return run(); } catch (error) { return error.code + ': ' + error.message; } };
    const held = mx.getActiveMemory();
    // More bytes than a process has addresses.
    const many = () => mx.zeros([2 ** 22, 2 ** 22], mx.complex64);
    const again = many();
    const answers = [
      attempt(() => mx.eval(many())),
      attempt(() => mx.fft.fft(many()).item()),
      attempt(() => mx.eval(again)),
      attempt(() => mx.eval(again)),
      await mx.asyncEval(many()).catch((error) => error.code + ': ' + error.message),
      await many().data().catch((error) => error.code + ': ' + error.message),
      mx.getActiveMemory() - held < 1e9,
      mx.add(mx.ones([2]), 1).tolist(),
    ];
    await shutdown();
    report(answers);
  `);
    const refused = expect.stringMatching(/^ERR_MLX_OPERATION.*Unable to allocate/);
    // A worker sends values flat, and of so many elements MLX makes no flat array.
    const read = side === 'native' ? refused : expect.stringMatching(/^ERR_MLX_OPERATION.*32-bit/);
    expect(found).toEqual([
      ...[refused, expect.stringMatching(/^ERR_MLX_/), refused, refused, refused, read],
      true,
      [2, 2],
    ]);
  },
);
