import { core as mx } from '../../mlx/index.ts';

/** One of two processes of a ring, of which the second ends while the first waits for it. */
const group = mx.distributed.init({ strict: true, backend: 'ring' });
if (group.rank() === 1) process.exit(0);
const errors: string[] = [];
for (const wait of [
  () => mx.eval(mx.distributed.allSum(mx.ones([1000]))),
  () => mx.distributed.allSum(mx.ones([1000])).data(),
]) {
  try {
    await wait();
  } catch (error) {
    errors.push((error as Error).name);
  }
}
console.log(JSON.stringify(errors));
process.exit(0);
