import { core as mx } from '../../mlx/index.ts';

/** One of several processes of a ring; prints what it got as one line of JSON. */
const group = mx.distributed.init({ strict: true, backend: 'ring' });
const rank = group.rank();
const size = group.size();
const { allGather, allMax, allMin, allSum, recv, recvLike, send, sumScatter } = mx.distributed;

const mine = mx.array([rank + 1, 10 * (rank + 1)]);
const half = mx.array([rank + 0.5], mx.bfloat16);
const next = (rank + 1) % size;
const previous = (rank + size - 1) % size;

function refusal(run: () => unknown): { name: string; message: string } | null {
  try {
    run();
    return null;
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
}

/** Even ranks send first, so that the ranks cannot wait for each other in a circle. */
function passOn(receive: () => mx.Array): unknown {
  if (rank % 2 === 0) {
    mx.eval(send(mine, next, { group }));
    return receive().tolist();
  }
  const received = receive().tolist();
  mx.eval(send(mine, next, { group }));
  return received;
}

const answers = {
  rank,
  size,
  text: String(group),
  sum: allSum(mine).tolist(),
  sumOfGroup: allSum(mine, { group, stream: mx.cpu }).tolist(),
  max: allMax(mine).tolist(),
  min: allMin(mine).tolist(),
  half: allSum(half).tolist(),
  gathered: allGather(mine, { group }).tolist(),
  gatheredRows: allGather(mine.reshape([1, 2])).shape,
  received: passOn(() => recv([2], mx.float32, previous, { group })),
  receivedLike: passOn(() => recvLike(mine, previous)),
  later: Array.from(await allSum(mine).data(), Number),
  stranger: refusal(() => mx.eval(send(mine, size + 3))),
  itself: refusal(() => mx.eval(send(mine, rank))),
  split: refusal(() => group.split(rank % 2)),
  scatter: refusal(() => mx.eval(sumScatter(mx.ones([size])))),
  again: mx.distributed.init().size(),
};
console.log(JSON.stringify(answers));
