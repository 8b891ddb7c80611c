// Runs chains in a worker thread and ends it with tensors alive: prints ns per operation and the arrays left behind.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { open, type Variant } from './variants.ts';
import { timings } from './workloads.ts';

const variant = (isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData) as Variant;
const { addon, design } = await open(variant);

if (isMainThread) {
  // Node 20 does not pass tsx's hooks on to worker threads.
  const register = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then((tsx) => tsx.register())`;
  const start = `${register}.then(() => import(${JSON.stringify(import.meta.url)}))`;
  const worker = new Worker(start, { eval: true, workerData: variant });
  const ns = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  // The main thread's context is still open, so what was left behind is the worker's.
  console.log(JSON.stringify({ ns, leaked: addon.leaked() }));
} else {
  const kept: unknown[] = [];
  const a = design.ones(4);
  for (let i = 0; i < 1000; i++) kept.push(design.add(a, a));
  const { chain } = timings as { chain: NonNullable<(typeof timings)[string]> };
  const ns = Math.min(...[1, 2, 3].map(() => chain(design, 30)));
  parentPort?.postMessage(ns);
  setInterval(() => kept.length, 1000);
}
