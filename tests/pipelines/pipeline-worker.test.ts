import { afterAll, beforeAll, expect, it } from 'vitest';
import { configure, core as mx, pythonPool, registry, shutdown } from '../../mlx/index.ts';
import { inPython, pipelined, WITH_BRIDGE_FUNCTIONS } from '../support/python-side.ts';

const sleep = registry.register<null>({ name: 'worker_of_pipeline.sleep', python: 'bridge_functions:sleep' });

beforeAll(async () => {
  configure({ ...WITH_BRIDGE_FUNCTIONS, poolSize: 2 });
  await pythonPool.start(2);
});

afterAll(() => shutdown());

it('a pipeline stays at its worker while that has much to do', async () => {
  const [start, ...others] = [1, 2, 3].map((value) => mx.array([value, value]));
  const made = inPython(() =>
    mx.pipeline(async () => {
      let sum = mx.negative(start as mx.Array);
      const busy = sleep.async(0.3);
      for (const other of others) sum = mx.add(sum, mx.negative(other));
      const zeros = mx.zeros([2]);
      await busy;
      return [sum, zeros, mx.ones([2]), mx.array([1, 2])];
    }),
  );
  const arrays = [start as mx.Array, ...others, ...(await made)];
  expect(new Set(arrays.map(({ residency }) => residency.worker)).size).toBe(1);
  expect(arrays[3]?.tolist()).toEqual([-6, -6]);
});

it('pipelines beside each other work at several workers', async () => {
  const first = inPython(() =>
    mx.pipeline(async () => {
      const made = mx.negative(mx.array([1]));
      await sleep.async(0.3);
      return made;
    }),
  );
  const second = pipelined(() => mx.negative(mx.array([2])));
  expect([second.tolist(), (await first).tolist()]).toEqual([[-2], [-1]]);
  expect(second.residency.worker).not.toBe((await first).residency.worker);
});
