// Large kernels, where the library underneath does the work.
import { core as mx } from '../../mlx/index.ts';

mx.random.seed(1);
const a512 = mx.random.normal([512, 512]);
const a1024 = mx.random.normal([1024, 1024]);
const a4096 = mx.random.normal([4096, 4096]);
const images = mx.random.normal([8, 32, 32, 16]);
const kernels = mx.random.normal([32, 3, 3, 16]);
mx.eval(a512, a1024, a4096, images, kernels);

function product(a: mx.Array, count: number): void {
  for (let i = 0; i < count; i++) mx.eval(mx.matmul(a, a));
}

function softmax(count: number): void {
  for (let i = 0; i < count; i++) mx.eval(mx.softmax(a4096, -1));
}

function conv2d(count: number): void {
  for (let i = 0; i < count; i++) mx.eval(mx.conv2d(images, kernels, { padding: 1 }));
}

export const workloads = {
  'matmul-512': (count: number) => product(a512, count),
  'matmul-1024': (count: number) => product(a1024, count),
  'softmax-4096': softmax,
  conv2d,
};
