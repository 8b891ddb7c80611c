// One round of bench/soak/evaluation.ts on a worker thread, which inherits no loader; `workerData` is the seed.
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { round } = await import('./interleaving.ts');
parentPort.postMessage(await round(workerData));
