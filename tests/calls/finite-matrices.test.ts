import { describe, expect, it } from 'vitest';
import { runChild } from '../support/children.ts';

const DECOMPOSITIONS = {
  'linalg.eig': '[Eig::eval_cpu] Eigenvalue decomposition failed with error code -4',
  'linalg.eigvals': '[Eig::eval_cpu] Eigenvalue decomposition failed with error code -4',
  'linalg.svd': '[SVD::eval_cpu] SVD failed with error code -4',
  'linalg.pinv': '[SVD::eval_cpu] SVD failed with error code -4',
};
const MATRICES = 90;

/** Decomposes matrices of all sizes and dtypes that hold up to three NaN and infinities, and counts what comes of it. */
const attack = (side: string) => `
  let state = 3;
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const below = (n) => Math.floor(random() * n);
  const seen = {};
  const decompose = (name) => {
    const run = name.split('.').reduce((room, part) => room[part], mx);
    const dtypes = [mx.float32, mx.float64, ...(name === 'linalg.pinv' ? [] : [mx.complex64])];
    seen[name] = {};
    for (let i = 0; i < ${MATRICES}; i++) {
      const rows = 1 + below(12);
      const columns = /svd|pinv/.test(name) ? 1 + below(12) : rows;
      const scale = i % 2 ? 1 : 100;
      const a = Array.from({ length: rows }, () => Array.from({ length: columns }, () => (random() - 0.5) * scale));
      for (let k = 0; k <= i % 3; k++) a[below(rows)][below(columns)] = [NaN, Infinity, -Infinity][below(3)];
      let what = 'a value';
      try {
        mx.stream(mx.cpu, () => mx.eval(run(mx.array(a, dtypes[i % dtypes.length]))));
      } catch (error) {
        what = error.message.split('\\n')[0];
      }
      seen[name][what] = (seen[name][what] ?? 0) + 1;
    }
  };
  mx.withImplementation('${side}', () => ${JSON.stringify(Object.keys(DECOMPOSITIONS))}.forEach(decompose));
  console.log(JSON.stringify(seen));
  shutdown();
`;

describe.each(['native', 'python'])('of what is not finite, %s', (side) => {
  it('each decomposition is an error, and nothing is printed', async () => {
    const { code, stderr, stdout } = await runChild(attack(side));
    const errors = Object.entries(DECOMPOSITIONS).map(([name, error]) => [name, { [error]: MATRICES }]);
    expect({ code, stderr, seen: JSON.parse(stdout) }).toEqual({
      code: 0,
      stderr: '',
      seen: Object.fromEntries(errors),
    });
  });
});
