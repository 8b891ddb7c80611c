import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, OperationError, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

/** Valid subscripts for one to four tensors, with the extents of their letters. */
const contractions = fc
  .record({
    terms: fc.array(fc.uniqueArray(fc.constantFrom(...'abcde'), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    }),
    extents: fc.tuple(...Array.from({ length: 5 }, () => fc.integer({ min: 1, max: 7 }))),
    kept: fc.integer({ min: 0, max: 31 }),
  })
  .map(({ terms, extents, kept }) => {
    const letters = [...new Set(terms.flat())];
    const output = letters.filter((letter) => (kept >> 'abcde'.indexOf(letter)) & 1);
    const shapes = terms.map((term) => term.map((letter) => extents['abcde'.indexOf(letter)] as number));
    return { subscripts: `${terms.map((term) => term.join('')).join(',')}->${output.join('')}`, shapes };
  });

describe('mx.einsumPath', () => {
  it('gives the contractions in order, and a text', () => {
    const operands = [mx.ones([2, 3]), mx.ones([3, 4]), mx.ones([4, 5])];
    const [path, text] = mx.einsumPath('ij,jk,kl->il', ...operands);
    expect(path).toEqual([
      [1, 2],
      [0, 1],
    ]);
    expect(text).toContain('Optimized FLOP count:  180');
  });

  it('gives the same on both backends', () => {
    fc.assert(
      fc.property(contractions, ({ subscripts, shapes }) => {
        const operands = shapes.map((shape) => mx.zeros(shape));
        const native = mx.einsumPath(subscripts, ...operands, { implementation: 'native' });
        expect(native).toEqual(mx.einsumPath(subscripts, ...operands, { implementation: 'python' }));
      }),
      { numRuns: 100 },
    );
  });

  it.each(['native', 'python'] as const)('says on %s what is wrong, in MLX’s words', (implementation) => {
    const x = mx.ones([2, 2]);
    const wrong: [() => unknown, string][] = [
      [() => mx.einsumPath('ij', { implementation }), '[einsum_path] At least one operand is required.'],
      [() => mx.einsumPath('', x, { implementation }), '[einsum_path] Invalid number of subscripts 0 for input 0'],
      [() => mx.einsumPath('ij,jk', x, { implementation }), '[einsum_path] Number of operands, 1, does not match'],
    ];
    for (const [run, message] of wrong) {
      expect(run).toThrow(OperationError);
      expect(run).toThrow(`mx.einsumPath: ${message}`);
    }
  });
});
