// What `thread` of scope.ts runs in each worker thread: `workerData` are the steps.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { runSteps } = await import('./run.ts');
const { faults } = await runSteps(workerData);
if (faults.length > 0) throw new Error(faults[0].message);
