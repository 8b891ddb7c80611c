import { afterAll, expect, it } from 'vitest';
import { internals, core as mx, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

const BYTES = 2 ** 20;
const DTYPES = [mx.bool_, mx.uint8, mx.int16, mx.uint32, mx.int64, mx.float16, mx.float32, mx.float64] as const;
const EXOTIC = [mx.bfloat16, mx.complex64] as const;

it.each([...DTYPES, ...EXOTIC])('transfers %s bit for bit, mapped by the addon', (dtype) => {
  const count = BYTES / dtype.size;
  const x = mx.arange(count, { dtype: mx.int32 }).astype(dtype);
  const there = mx.reshape(x, [-1, 8], { implementation: 'python' });
  expect(internals.pythonBackend.stats().sharedBytes).toBeGreaterThan(0);
  const back = mx.reshape(there, [-1], { implementation: 'native' });
  expect(Buffer.compare(bytesOf(back), bytesOf(x))).toBe(0);
});

it('gives values in memory that can be transferred to a thread', () => {
  const values = mx.ones([BYTES], { implementation: 'python' }).toTypedArray() as Float32Array<ArrayBuffer>;
  const moved = structuredClone(values, { transfer: [values.buffer] });
  expect(values).toHaveLength(0);
  expect(moved).toHaveLength(BYTES);
  expect(moved.every((value) => value === 1)).toBe(true);
});

function bytesOf(x: mx.Array): Uint8Array {
  return internals.router.read(x);
}
