import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

/** How many threads look for work 60 milliseconds after a product, in each round: of this process, of a worker. */
const AFTERWARDS = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  const { pythonPool } = library;

  // Running, or waiting for a processor to run on.
  function looking(pid) {
    const others = readdirSync('/proc/' + pid + '/task').filter((thread) => thread !== String(pid));
    const states = others.map((thread) => readFileSync('/proc/' + pid + '/task/' + thread + '/stat', 'utf8').split(') ')[1][0]);
    return states.filter((state) => state === 'R').length;
  }

  async function afterwards(implementation, pid) {
    const x = mx.ones([512, 512], { implementation });
    const found = [];
    for (let round = 0; round < 6; round++) {
      mx.eval(mx.matmul(x, x, { implementation, stream: mx.cpu }));
      await sleep(60);
      found.push(looking(pid()));
    }
    return found.slice(1);
  }

  report([
    await afterwards('native', () => process.pid),
    await afterwards('python', () => pythonPool.stats().perWorker[0].pid),
    process.env.OPENBLAS_THREAD_TIMEOUT ?? null,
  ]);
`;

/** How many threads computed products, and how many more of them a step of Adam, in shares of the busiest. */
const AT_WORK = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';

  function times() {
    const of = (thread) => Number(readFileSync('/proc/self/task/' + thread + '/schedstat', 'utf8').split(' ')[0]);
    return new Map(readdirSync('/proc/self/task').map((thread) => [thread, of(thread)]));
  }

  function busy(run) {
    const before = times();
    run();
    const taken = [...times()].map(([thread, time]) => [thread, time - (before.get(thread) ?? 0)]);
    const most = Math.max(...taken.map(([, time]) => time));
    return taken.filter(([, time]) => time > most / 4).map(([thread]) => thread);
  }

  const x = mx.ones([768, 768], { implementation: 'native' });
  const rate = mx.array(0.1);
  mx.eval(x, rate);
  // Threads of OpenBLAS's own look for work when they start.
  await sleep(500);
  const products = busy(() => {
    for (let i = 0; i < 20; i++) mx.eval(mx.matmul(x, x, { stream: mx.cpu }));
  });
  const steps = busy(() => {
    for (let i = 0; i < 100; i++) {
      mx.eval(mx.fast.adamStep(x, x, x, x, rate, { beta1: 0.9, beta2: 0.9, eps: 1e-8, weightDecay: 0, stream: mx.cpu }));
    }
  });
  report([products.length, steps.filter((thread) => !products.includes(thread)).length]);
`;

/** Whether products and decompositions on two streams at a time give what a worker gives, whose BLAS has threads of its own. */
const SAME_BITS = `
  const sizes = [[64, 784, 256], [256, 64, 784], [513, 300, 7], [1000, 1000, 40], [33, 2000, 129]];
  const streams = [mx.newStream(mx.cpu), mx.newStream(mx.cpu)];
  mx.random.seed(1);
  const same = [];
  for (const [m, k, n] of sizes) {
    const a = mx.random.normal([m, k], { implementation: 'native' });
    const b = mx.random.normal([k, n], { implementation: 'native' });
    const results = streams.flatMap((stream) => [mx.matmul(a, b, { stream }), mx.matmul(b.T, a.T, { stream })]);
    mx.eval(results);
    const expected = mx.matmul(a, b, { implementation: 'python', stream: mx.cpu });
    const turned = mx.matmul(b.T, a.T, { implementation: 'python', stream: mx.cpu });
    results.forEach((result, i) => same.push(mx.arrayEqual(result, i % 2 === 0 ? expected : turned).item()));
  }
  const square = mx.random.normal([400, 400], { implementation: 'native' });
  for (const name of ['inv', 'eigvals', 'cholesky']) {
    const given = name === 'cholesky' ? mx.matmul(square, square.T).add(mx.eye(400).multiply(400)) : square;
    const [here, there] = ['native', 'python'].map((implementation) => mx.linalg[name](given, { implementation, stream: mx.cpu }));
    same.push(mx.arrayEqual(here, there).item());
  }
  report(same);
`;

type Found = [native: number[], worker: number[], variable: string | null];
const TWO_THREADS = { OPENBLAS_NUM_THREADS: '2' };

describe.runIf(process.platform === 'linux' && process.arch === 'x64' && availableParallelism() > 1)(
  'the threads of the BLAS',
  () => {
    it('sleep soon after a product, in this process and in a worker, and leave the environment as it was', async () => {
      const [native, worker, variable] = await askChild<Found>(AFTERWARDS, {
        ...TWO_THREADS,
        OPENBLAS_THREAD_TIMEOUT: undefined,
      });
      // On a busy machine one that is about to sleep may still wait for a processor.
      expect(Math.min(...native)).toBe(0);
      expect(Math.min(...worker)).toBe(0);
      expect(variable).toBeNull();
    });

    it('are those of our own kernels in this process', async () => {
      expect(await askChild<number[]>(AT_WORK, TWO_THREADS)).toEqual([2, 0]);
    });

    it.each(['2', '3'])('give the bits of its own threads, where there are %s', async (count) => {
      const same = await askChild<boolean[]>(SAME_BITS, { OPENBLAS_NUM_THREADS: count });
      expect(same).toHaveLength(23);
      expect(same.filter((isSame) => !isSame)).toEqual([]);
    });

    it('look for the next product as long as you say', async () => {
      const [native, worker, variable] = await askChild<Found>(AFTERWARDS, {
        ...TWO_THREADS,
        OPENBLAS_THREAD_TIMEOUT: '30',
      });
      expect(Math.min(...native)).toBeGreaterThan(0);
      expect(Math.min(...worker)).toBeGreaterThan(0);
      expect(variable).toBe('30');
    });
  },
);
