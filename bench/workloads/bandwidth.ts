// Work on arrays that no cache holds, and copies beside it, which are as fast as memory is.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { core as mx } from '../../mlx/index.ts';

mx.random.seed(41);
const a = mx.random.normal([4096, 4096]);
const b = mx.random.normal([4096, 4096]);
const rows = mx.reshape(a, [-1, 1024]);
const scale = mx.random.normal([1024]);
const offset = mx.random.normal([1024]);
const images = mx.random.normal([8, 64, 64, 32]);
const kernels = mx.random.normal([32, 3, 3, 32]);
mx.eval(a, b, rows, scale, offset, images, kernels);

function each(build: () => mx.Array) {
  return (count: number): void => {
    for (let i = 0; i < count; i++) mx.eval(build());
  };
}

/** Bytes that one thread copies in one measurement, in pieces that no cache holds. */
const COPIED = 2 ** 28;
const PIECE = 2 ** 26;

function copyPieces(from: Float64Array, to: Float64Array): void {
  for (let done = 0; done < COPIED; done += PIECE) to.set(from);
}

const piece = (): Float64Array => new Float64Array(PIECE / 8).fill(1);
const own = { from: piece(), to: piece() };

/** GB/s of so many threads that copy for so long; a copy reads and writes each byte, as STREAM counts it. */
const rateOf = (threads: number, nanoseconds: number): number => (2 * COPIED * threads) / nanoseconds;

function copyOne(): number {
  const start = process.hrtime.bigint();
  copyPieces(own.from, own.to);
  return rateOf(1, Number(process.hrtime.bigint() - start));
}

/** A thread that copies whenever the first number is raised, and then raises the second one. */
const COPYING = `
const { workerData: { shared, bytes, size } } = require('node:worker_threads');
const turns = new Int32Array(shared);
const from = new Float64Array(size / 8).fill(1);
const to = new Float64Array(size / 8).fill(1);
const raise = (place) => { Atomics.add(turns, place, 1); Atomics.notify(turns, place); };
raise(1);
for (let turn = 0; ; turn++) {
  Atomics.wait(turns, 0, turn);
  for (let done = 0; done < bytes; done += size) to.set(from);
  raise(1);
}`;

interface Copiers {
  readonly turns: Int32Array;
  readonly threads: number;
}

let copiers: Copiers | undefined;

/** Waits until all threads have raised the second number to this turn's. */
function awaitTurn({ turns, threads }: Copiers, turn: number): void {
  for (let done = Atomics.load(turns, 1); done < threads * turn; done = Atomics.load(turns, 1)) {
    Atomics.wait(turns, 1, done);
  }
}

function startCopiers(): Copiers {
  const shared = new SharedArrayBuffer(8);
  const threads = availableParallelism();
  for (let i = 0; i < threads; i++) {
    const workerData = { shared, bytes: COPIED, size: PIECE };
    new Worker(COPYING, { eval: true, execArgv: [], workerData }).unref();
  }
  const started = { turns: new Int32Array(shared), threads };
  awaitTurn(started, 1);
  return started;
}

/** As many threads as the machine runs at once. */
function copyAll(): number {
  copiers ??= startCopiers();
  const { turns, threads } = copiers;
  const start = process.hrtime.bigint();
  const turn = Atomics.add(turns, 0, 1) + 1;
  Atomics.notify(turns, 0);
  awaitTurn(copiers, turn + 1);
  return rateOf(threads, Number(process.hrtime.bigint() - start));
}

export const workloads = {
  'copy-one': copyOne,
  'copy-all': copyAll,
  'add-large': each(() => mx.add(a, b)),
  'exp-large': each(() => mx.exp(a)),
  'sum-large': each(() => mx.sum(a)),
  'sum-columns-large': each(() => mx.sum(a, 0)),
  'transpose-large': each(() => mx.contiguous(a.T)),
  'cast-large': each(() => mx.astype(a, mx.float16)),
  'softmax-large': each(() => mx.softmax(a, -1)),
  'layer-norm-large': each(() => mx.fast.layerNorm(rows, scale, offset, 1e-5)),
  'conv2d-large': each(() => mx.conv2d(images, kernels, { padding: 1 })),
};
