import { expect, it } from 'vitest';
import { runChild } from './support/children.ts';

const REFUSED = '[Eig::eval_cpu] Eigenvalue decomposition failed with error code -4';

it.each(['native', 'python'])(
  'eigenvalues of what is not finite are an error, and nothing is printed, %s',
  async (side) => {
    const ended = await runChild(`
    mx.withImplementation('${side}', () => {
      for (const value of [NaN, Infinity, -Infinity]) {
        for (const dtype of [mx.float32, mx.float64, mx.complex64]) {
          for (const run of [(a) => mx.linalg.eig(a)[0], (a) => mx.linalg.eig(a)[1], (a) => mx.linalg.eigvals(a)]) {
            for (const a of [mx.full([3, 3], value, dtype), mx.array([[1, 0], [0, value]], dtype)]) {
              try {
                mx.stream(mx.cpu, () => run(a).tolist());
                console.log('none');
              } catch (error) {
                console.log(error.message.split('\\n')[0]);
              }
            }
          }
        }
      }
    });
    shutdown();
  `);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const lines = ended.stdout.trim().split('\n');
    expect(lines).toHaveLength(54);
    expect(lines.filter((line) => !line.includes(REFUSED))).toEqual([]);
  },
);
