// What tests/evaluation/threads.test.ts runs in each worker thread; `workerData` is the number to add, or 'busy'.
import { parentPort, workerData } from 'node:worker_threads';
import '../../foundation/from-source/register.mjs';

const { core: mx } = await import('../../mlx/index.ts');

if (workerData === 'busy') {
  parentPort.postMessage('started');
  for (;;) mx.eval(mx.matmul(mx.ones([300, 300]), mx.ones([300, 300])));
}
let sum = mx.zeros([64, 64]);
for (let i = 0; i < 200; i++) {
  sum = mx.add(sum, workerData);
  mx.eval(sum);
}
const corner = mx.tidy(() => mx.matmul(sum, mx.ones([64, 1])).index('0, 0'));
parentPort.postMessage(corner.item());
