import { expect, it } from 'vitest';
import { configure, internals, core as mx, registry } from '../../mlx/index.ts';
import { caught, inPython, pipelined, WITH_BRIDGE_FUNCTIONS } from '../support/python-side.ts';

configure({ ...WITH_BRIDGE_FUNCTIONS, poolSize: 1 });

type Tensor = ReturnType<typeof mx.array>;

const pid = registry.register<number>({ name: 'own.pidToKillAmongNumbers', python: 'bridge_functions:pid' });
const live = (): number => internals.pythonBackend.stats().liveTensors;
const told = (array: Tensor): unknown => [array.dtype.name, array.shape, array.tolist()];

const NUMBERS = [2, -3, 0.5, 0, -0, true, Number.NaN, Number.POSITIVE_INFINITY];
const DTYPES = [mx.float32, mx.float16, mx.bfloat16, mx.int32, mx.uint8, mx.int64, mx.bool_, mx.complex64];
const CALLS = [mx.add, mx.subtract, mx.multiply, mx.maximum, mx.greater, mx.logicalAnd];

it('numbers as operands are what they are in calls one by one, however often they come', () => {
  for (const dtype of DTYPES) {
    const x = inPython(() => mx.array([1, 0, 3]).astype(dtype));
    const run = (): unknown[] => {
      const made: (Tensor | string)[] = [];
      for (const call of CALLS) {
        for (const number of NUMBERS) {
          for (let i = 0; i < 3; i++) {
            try {
              made.push(call(x, number), call(number, x));
            } catch (error) {
              made.push(String(error));
            }
          }
        }
      }
      return made.map((each) => (typeof each === 'string' ? each : told(each)));
    };
    expect(pipelined(run)).toEqual(inPython(run));
  }
});

it('numbers leave nothing behind', () => {
  const x = inPython(() => mx.array([1, 2, 3]));
  x.tolist();
  const before = live();
  const total = pipelined(() =>
    mx.tidy(() => {
      let y = x;
      for (let i = 0; i < 500; i++) y = mx.subtract(mx.add(y, 1), (i % 7) + 0.5);
      return y;
    }),
  );
  total.tolist();
  total.dispose();
  // Fewer where what other tests made was collected meanwhile.
  expect(live()).toBeLessThanOrEqual(before);
  expect(caught(() => pipelined(() => mx.add(mx.add(x, 1), 1) && expect.fail('thrown')))).toBeInstanceOf(Error);
});

it('numbers stay valid where a scope inside the pipeline ends, and where the worker exits', async () => {
  const x = inPython(() => mx.array([1, 2, 3]));
  const made = pipelined(() => {
    const inner = mx.tidy(() => mx.add(mx.add(mx.add(x, 2), 2), 2));
    return mx.multiply(mx.add(inner, 2), 2);
  });
  const expected = [18, 20, 22];
  process.kill(pid(), 'SIGKILL');
  expect(made.tolist()).toEqual(expected);
  const between = pipelined(() => {
    let y = x;
    for (let i = 0; i < 200; i++) y = mx.add(y, 1);
    process.kill(pid(), 'SIGKILL');
    for (let i = 0; i < 200; i++) y = mx.add(y, 1);
    return y;
  });
  expect(between.tolist()).toEqual([401, 402, 403]);
});
