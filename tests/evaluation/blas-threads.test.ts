import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

/** Milliseconds of processor time in so many after a product, of each round: of this process, of a worker. */
const afterwards = (milliseconds: number) => `
  import { readdirSync, readFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  const { pythonPool } = library;

  function milliseconds(pid) {
    let sum = 0;
    for (const thread of readdirSync('/proc/' + pid + '/task')) {
      sum += Number(readFileSync('/proc/' + pid + '/task/' + thread + '/schedstat', 'utf8').split(' ')[0]);
    }
    return sum / 1e6;
  }

  async function afterwards(implementation, pid) {
    const x = mx.ones([512, 512], { implementation });
    const product = () => mx.eval(mx.matmul(x, x, { implementation }));
    product();
    const taken = [];
    for (let round = 0; round < 5; round++) {
      product();
      const before = milliseconds(pid());
      await sleep(${milliseconds});
      taken.push(milliseconds(pid()) - before);
    }
    return taken;
  }

  report([
    await afterwards('native', () => process.pid),
    await afterwards('python', () => pythonPool.stats().perWorker[0].pid),
    process.env.OPENBLAS_THREAD_TIMEOUT ?? null,
  ]);
`;

type Taken = [native: number[], worker: number[], variable: string | null];
const TWO_THREADS = { OPENBLAS_NUM_THREADS: '2' };

// By its own number OpenBLAS takes all of a tenth of a second where nobody else computes, by that of the second test all of 0.4.
const FEW_HERE = 50;
const FEW_IN_WORKER = 20;

describe.runIf(process.platform === 'linux' && process.arch === 'x64' && availableParallelism() > 1)(
  'the threads of the BLAS',
  () => {
    it('sleep soon after a product, in this process and in a worker, and leave the environment as it was', async () => {
      const [native, worker, variable] = await askChild<Taken>(afterwards(100), {
        ...TWO_THREADS,
        OPENBLAS_THREAD_TIMEOUT: undefined,
      });
      expect(Math.min(...native)).toBeLessThan(FEW_HERE);
      expect(Math.min(...worker)).toBeLessThan(FEW_IN_WORKER);
      expect(variable).toBeNull();
    });

    it('look for the next product as long as you say', async () => {
      const [native, worker, variable] = await askChild<Taken>(afterwards(300), {
        ...TWO_THREADS,
        OPENBLAS_THREAD_TIMEOUT: '30',
      });
      expect(Math.max(...native)).toBeGreaterThan(FEW_HERE);
      expect(Math.max(...worker)).toBeGreaterThan(FEW_IN_WORKER);
      expect(variable).toBe('30');
    });
  },
);
