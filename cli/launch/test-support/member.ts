import { core as mx } from '../../../mlx/index.ts';

/** A process of a group that adds up without end; its argument says what becomes of the second one. */
const fate = process.argv[2];
if (fate === 'never joins' && process.env['MLX_RANK'] === '1') process.exit(7);
try {
  const group = mx.distributed.init({ strict: true });
  for (let step = 0; ; step++) {
    const sums = [1, 2, 3].map((factor) => mx.distributed.allSum(mx.full([1000], factor)));
    mx.eval(sums);
    if (step === 5) console.log('adding');
    if (step === 10 && fate === 'is killed' && group.rank() === 1) process.kill(process.pid, 'SIGKILL');
    if (step === 10 && fate === 'leaves' && group.rank() === 1) process.exit(0);
  }
} catch (error) {
  const { name, message } = error as Error;
  console.log(`${name}: ${message.replace(/^.*lost: /, '')}`);
  process.exitCode = 3;
}
