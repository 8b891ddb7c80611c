import { core as mx, shutdown } from '../../mlx/index.ts';
import { loadDigits, split } from '../digits/dataset.ts';
import { integer, OptionError, optionValues } from '../shared/options.ts';
import { difference, sameBits } from './checks.ts';
import { ALONE, accuracy, BATCH, type Plan, partOf, train } from './train.ts';

const USAGE = `Usage: npm run data-parallel -- [options]
  --epochs N   (10)
  --seed N     (7)

With another number of processes: npm run cli -- launch -n 4 examples/data-parallel/main.ts [options]`;
const REQUIRED_ACCURACY = 0.9;
/**
 * Float32 has seven digits, and the processes add up the gradients of a batch in another order than one does. A GPU of
 * NVIDIA multiplies with three digits, TF32.
 */
const TOLERANCE = mx.defaultDevice() === mx.cpu ? 1e-5 : 1e-2;

function planOf(args: readonly string[]): Plan {
  const values = optionValues(args, {
    epochs: { type: 'string', default: '10' },
    seed: { type: 'string', default: '7' },
  });
  return { epochs: integer('--epochs', values.epochs, 1, 1000), seed: integer('--seed', values.seed, 0, 2 ** 31) };
}

function report(good: boolean, text: string): boolean {
  console.log(`${good ? '✓' : '✗'} ${text}`);
  return good;
}

/** @returns whether everything is as it should be. */
function run(plan: Plan): boolean {
  const group = mx.distributed.init();
  if (BATCH % group.size() !== 0) {
    throw new OptionError(`-n: expected a number of processes that divides ${BATCH}, received ${group.size()}`);
  }
  mx.random.seed(plan.seed);
  const digits = split(loadDigits());

  const start = performance.now();
  const together = train(digits.train, plan, partOf(group));
  const seconds = (performance.now() - start) / 1000;
  const equal = sameBits(together, group);
  // The others are done.
  if (group.rank() > 0) return equal;

  const alone = train(digits.train, plan, ALONE);
  const far = difference(together, alone);
  const right = accuracy(together, digits.test);
  console.log(`${group.size()} processes, ${BATCH / group.size()} of ${BATCH} digits each; ${seconds.toFixed(2)} s`);
  return [
    report(equal, 'every process has the same bits'),
    report(far <= TOLERANCE, `one process has the same weights but for ${far.toExponential(1)}, at most ${TOLERANCE}`),
    report(right >= REQUIRED_ACCURACY, `${(100 * right).toFixed(1)} % of the digits held out are read rightly`),
  ].every(Boolean);
}

try {
  process.exitCode = run(planOf(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
} finally {
  await shutdown();
}
