import { describe, expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

const thread = new URL('../support/thread.mjs', import.meta.url).href;

/** `run(n)` starts a thread that imports the library and computes; it gives 200 · 64 · n once the thread has ended well. */
const start = `
  import { Worker } from 'node:worker_threads';
  const open = (workerData) => new Worker(new URL(${JSON.stringify(thread)}), { workerData, execArgv: [] });
  const run = (number) =>
    new Promise((resolve, reject) => {
      const worker = open(number);
      let answer;
      worker.once('message', (value) => { answer = value; });
      worker.once('error', reject);
      worker.once('exit', (code) => (code === 0 ? resolve(answer) : reject(new Error('exit code ' + code))));
    });
`;

describe('worker threads', () => {
  it('eight of them one after another, each with the library to itself', { timeout: 900_000 }, async () => {
    const answers = await askChild<number[]>(`
      ${start}
      const answers = [];
      for (let i = 1; i <= 8; i++) answers.push(await run(i));
      report(answers);
    `);
    expect(answers).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((number) => number * 200 * 64));
  });

  it('two at once, beside work on the main thread', async () => {
    const answers = await askChild<number[]>(`
      ${start}
      const both = Promise.all([run(1), run(2)]);
      let mine = mx.zeros([64]);
      for (let i = 0; i < 2000; i++) {
        mine = mx.add(mine, 1);
        if (i % 100 === 0) mx.eval(mine);
      }
      report([...(await both), mine.index(0).item()]);
    `);
    expect(answers).toEqual([12_800, 25_600, 2000]);
  });

  it('one that is terminated while it runs leaves the others in order', async () => {
    const after = await askChild<number>(`
      ${start}
      const worker = open('busy');
      await new Promise((resolve) => worker.once('message', resolve));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await worker.terminate();
      report((await run(3)) + mx.sum(mx.ones([10])).item());
    `);
    expect(after).toBe(38_410);
  });
});
