import { core as mx } from '../../mlx/index.ts';

/** A process of a ring in which the others are missing: what it is told, and what it is told when it asks again. */
const errors: unknown[] = [];
for (const run of [
  () => mx.distributed.init({ timeoutMs: 300 }),
  () => mx.distributed.init({ timeoutMs: 1 }),
  () => mx.distributed.init({ backend: 'ring', timeoutMs: 1 }),
]) {
  try {
    run();
  } catch (error) {
    errors.push([(error as Error).name, (error as Error).message]);
  }
}
console.log(JSON.stringify(errors));
process.exit(0);
