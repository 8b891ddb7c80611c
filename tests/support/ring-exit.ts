import { core as mx } from '../../mlx/index.ts';

/** One of several processes of a ring, of which the second is killed while the others wait for it. */
const { allGather, allSum, init } = mx.distributed;
const group = init({ strict: true, backend: 'ring' });
mx.eval(allSum(mx.ones([1000])));
if (group.rank() === 1) process.kill(process.pid, 'SIGKILL');

const several = Array.from({ length: 5 }, () => allSum(mx.ones([1000])));
const errors: string[] = [];
for (const wait of [
  () => mx.eval(several),
  // Not values that nobody has computed.
  () => several[0]?.data(),
  () => mx.eval(several[4] as mx.Array),
  () => mx.asyncEval(allSum(mx.ones([1000]))),
  () => allGather(mx.ones([2])).data(),
]) {
  try {
    await wait();
    errors.push('none');
  } catch (error) {
    errors.push((error as Error).name);
  }
}
console.log(JSON.stringify({ errors, own: mx.add(mx.array([1, 2]), 1).tolist() }));
process.exit(0);
