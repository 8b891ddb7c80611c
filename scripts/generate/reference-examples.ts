import type { Family } from '../../registry/operation.ts';

const example = (...lines: string[]): string => ["import { core as mx } from 'mlx-router';", '', ...lines].join('\n');

/** One program for the page of a family. A test runs each and holds what it prints against its comments. */
export const EXAMPLES: Readonly<Partial<Record<Family, string>>> = {
  creation: example(
    'console.log(mx.arange(3)); // → array([0, 1, 2], dtype=int32)',
    'console.log(mx.full([2], 7)); // → array([7, 7], dtype=float32)',
  ),
  unary: example('console.log(mx.sqrt(mx.array([1, 4, 9]))); // → array([1, 2, 3], dtype=float32)'),
  binary: example('console.log(mx.maximum(mx.array([1, 4]), 2)); // → array([2, 4], dtype=float32)'),
  reduction: example(
    'const a = mx.array([[1, 2], [3, 4]]);',
    'console.log(mx.sum(a, { axis: 0 })); // → array([4, 6], dtype=float32)',
    'console.log(mx.sum(a, 1, true).shape); // → [ 2, 1 ]',
  ),
  shape: example('console.log(mx.arange(6).reshape([2, -1]).T.shape); // → [ 3, 2 ]'),
  indexing: example(
    'const a = mx.array([10, 20, 30]);',
    'console.log(mx.take(a, [2, 0])); // → array([30, 10], dtype=float32)',
  ),
  sorting: example('console.log(mx.argsort(mx.array([3, 1, 2]))); // → array([1, 2, 0], dtype=uint32)'),
  linalg: example('const a = mx.array([[3, 0], [0, 4]]);', 'console.log(mx.linalg.norm(a).item()); // → 5'),
  fft: example('console.log(mx.fft.rfft(mx.array([1, 1, 1, 1])).shape); // → [ 3 ]'),
  random: example(
    'const key = mx.random.key(7);',
    'const [one, two] = [mx.random.normal([2], { key }), mx.random.normal([2], { key })];',
    'console.log(mx.arrayEqual(one, two).item()); // → true',
  ),
  conv: example(
    'const signal = mx.ones([1, 5, 1]); // batch, length, channels',
    'console.log(mx.conv1d(signal, mx.ones([1, 3, 1])).shape); // → [ 1, 3, 1 ]',
  ),
  quantized: example(
    'const [weights, scales] = mx.quantize(mx.ones([4, 64]));',
    'console.log(weights?.dtype, scales?.shape); // → mlx.core.uint32 [ 4, 1 ]',
  ),
  fast: example('console.log(mx.fast.rmsNorm(mx.ones([2, 4]), null, 1e-5).shape); // → [ 2, 4 ]'),
  distributed: example(
    'const group = mx.distributed.init(); // alone, where no launcher started several',
    'console.log(mx.distributed.allSum(mx.array([1, 2]), { group }).tolist()); // → [ 1, 2 ]',
  ),
};
