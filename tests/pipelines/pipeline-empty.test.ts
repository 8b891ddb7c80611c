import { afterAll, beforeAll, expect, it } from 'vitest';
import { configure, core as mx, shutdown, WorkerDiedError, WorkerTimeoutError } from '../../mlx/index.ts';
import { bind } from '../../mlx/operations/bind.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { registry } from '../../runtime/runtime.ts';

// What records hold: one to three arrays.
const isShort = ({ parameters, result, python, family }: Operation): boolean =>
  python !== null &&
  family !== 'user' &&
  result === 'array' &&
  parameters.length <= 3 &&
  parameters.every(({ kind, keywordOnly }) => (kind === 'array' || kind === 'operand') && !keywordOnly);

const SHAPES = [[0, 3], [3, 0], [0, 1], [2, 0, 3], [3]];

beforeAll(() => configure({ callTimeoutMs: 25_000 }));
afterAll(() => shutdown());

it('gives empty arrays whose reductions end, from every operation that records hold', () => {
  const broken: string[] = [];
  let reduced = 0;
  mx.withImplementation('python', () => {
    const arrays = SHAPES.map((shape) => mx.zeros(shape));
    for (const operation of registry.all().filter(isShort)) {
      const call = bind(qualifiedName(operation)) as (...args: mx.Array[]) => mx.Array;
      for (const first of arrays) {
        for (const second of operation.parameters.length === 1 ? [first] : arrays) {
          const args = [first, second, second].slice(0, operation.parameters.length);
          try {
            mx.pipeline(() => {
              const result = call(...args);
              mx.eval(mx.sum(result), ...result.shape.map((_, axis) => mx.all(result, axis)));
              reduced += 1;
            });
          } catch (error) {
            if (error instanceof WorkerTimeoutError || error instanceof WorkerDiedError) broken.push(operation.name);
          }
        }
      }
    }
  });
  expect(broken).toEqual([]);
  expect(reduced).toBeGreaterThan(200);
});
