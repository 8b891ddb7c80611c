import { expect, it } from 'vitest';
import { MlxRouterError } from '../../foundation/errors/errors.ts';
import type { Handle } from '../../foundation/values/values.ts';
import * as kinds from '../../registry/parameters.ts';
import { ADD, backend, floats, read, row, run, thrown } from '../test-support/backends.ts';

const ONES = row('ones', 'mlx.core:ones', [kinds.shape('shape')]);
const MIB = 2 ** 20;

it.skipIf(process.platform !== 'linux')('a worker gets no more memory than it may have, and says so', () => {
  const made = backend({ workerMemoryBytes: 1024 * MIB, operations: () => [ONES, ADD] });
  const within = run(made, ONES, [64 * MIB]) as Handle;
  made.eval([within]);
  const error = thrown(() => made.eval([run(made, ONES, [1024 * MIB]) as Handle]));
  expect(error).toBeInstanceOf(MlxRouterError);
  expect(error.message).toMatch(/limited to 1024 MiB|allocate/);
  expect(read(made, run(made, ADD, floats(made, 1), floats(made, 2)))).toEqual([3]);
});
