import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MlxRouterError, core as mx, routing, shutdown } from '../../mlx/index.ts';
import * as utils from '../../mlx/utils/index.ts';
import { percent } from '../shared/html.ts';
import { OptionError } from '../shared/options.ts';
import { Progress } from '../shared/progress.ts';
import { CheckpointError, readCheckpoint, restore, saveCheckpoint } from './checkpoint.ts';
import { type Check, compareNetwork, compareSavedWeights, compareSoftmax } from './checks.ts';
import { loadDigits, split } from './dataset.ts';
import { registerFeatures, straighten } from './features.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { reportPage } from './pages/report.ts';
import { readAll, readFirstLayer } from './readings.ts';
import { routingRows, textTable } from './routing-table.ts';
import { BATCH, prepare, train } from './train.ts';

const REQUIRED_ACCURACY = 0.97;
const FOLDER = relative(process.cwd(), fileURLToPath(new URL('../../build/digits/', import.meta.url)));
const CHECKPOINT = join(FOLDER, 'checkpoint.safetensors');

function print(step: string, text: string): void {
  console.log(`${step.padEnd(10)}${text.replaceAll('\n', `\n${' '.repeat(10)}`)}`);
}

function transfersText(): string {
  const { toNative, toPython } = routing.transfers();
  const size = ({ count, bytes }: { count: number; bytes: number }) => `${count} (${(bytes / 2 ** 20).toFixed(1)} MiB)`;
  return `Tensors copied to native: ${size(toNative)}, to Python: ${size(toPython)}.`;
}

function report(check: Check): void {
  const mark = check.passed === undefined ? '-' : check.passed ? '✓' : '✗';
  print('check', `${mark} ${check.name}: ${check.detail}`);
}

/** The whole example. @returns whether the network reads well enough and every check passed. */
function run(options: Options): boolean {
  const start = performance.now();
  mkdirSync(FOLDER, { recursive: true });
  routing.time();
  const { deskew } = registerFeatures();
  const checkpoint = options.resume ? readCheckpoint(CHECKPOINT) : undefined;
  const plan = checkpoint?.plan ?? { epochs: options.epochs, seed: options.seed };
  mx.random.seed(plan.seed);

  const digits = loadDigits();
  print('read', `${digits.labels.length} handwritten digits of 8×8 pixels, real ones`);
  const { images, step } = straighten(digits.images, deskew);
  print('deskew', step.text);
  const parts = split({ ...digits, images });
  print('split', `${parts.train.labels.length} to train with, ${parts.test.labels.length} held out for the test`);

  const training = prepare(plan.epochs, parts.train.labels.length);
  const { model, history } = training;
  const weights = utils.treeReduce<number, mx.Array>((sum, { size }) => sum + size, model.parameters(), 0);
  print('model', `${model}, ${weights.toLocaleString('en')} weights`);
  print('train', `epochs: ${plan.epochs}, in batches of ${BATCH}, seed ${plan.seed}; AdamW, one compiled step`);
  if (checkpoint !== undefined) {
    restore(training, checkpoint);
    print('resume', `after epoch ${history.length} of ${plan.epochs}, from ${CHECKPOINT}`);
  }
  const progress = new Progress(plan.epochs);
  const trainingStart = performance.now();
  train(training, parts, {
    until: Math.min(plan.epochs, options.stopAfter),
    onEpoch: (epoch) => {
      saveCheckpoint(CHECKPOINT, training, plan);
      progress.show(history.length, `loss ${epoch.loss.toFixed(4)}   test ${percent(epoch.accuracy)}`);
    },
  });
  const trainingSeconds = (performance.now() - trainingStart) / 1000;
  if (history.length < plan.epochs) {
    print('stopped', `after epoch ${history.length} of ${plan.epochs}; to go on: npm run quickstart -- --resume`);
    return true;
  }

  const checks = [
    compareSoftmax(model, parts.test.images),
    compareNetwork(model, parts.test.images),
    compareSavedWeights(join(FOLDER, 'weights.safetensors'), model, parts.test.images),
  ];
  checks.forEach(report);

  const readings = readAll(model, parts.test);
  const rows = routingRows(routing.table());
  print('routing', transfersText());
  console.log(textTable(rows));

  const right = readings.filter(({ label, predicted }) => label === predicted).length;
  const accuracy = right / readings.length;
  const seconds = (performance.now() - start) / 1000;
  const good = accuracy >= REQUIRED_ACCURACY;
  const limit = `${good ? 'at least' : 'LESS THAN'} ${100 * REQUIRED_ACCURACY} %`;
  print('accuracy', `${(100 * accuracy).toFixed(1)} % on the test (${right} of ${readings.length}), ${limit}`);
  print('time', `${seconds.toFixed(1)} s, of it training ${trainingSeconds.toFixed(1)} s`);

  if (options.page) {
    const file = join(FOLDER, 'index.html');
    const layer = readFirstLayer(model, parts.test);
    const facts = { ...plan, seconds, model: String(model), weights, history, readings, layer, step, checks };
    writeFileSync(file, reportPage({ ...facts, routing: rows, transfers: transfersText() }));
    print('page', file);
  }
  return good && checks.every(({ passed }) => passed !== false);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `| head` has read enough.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else process.exitCode = run(options) ? 0 : 1;
} catch (error) {
  if (error instanceof OptionError) console.error(`${error.message}\n\n${USAGE}`);
  else if (error instanceof CheckpointError) console.error(error.message);
  else if (error instanceof MlxRouterError) console.error(`${error.code}: ${error.message}`);
  else throw error;
  process.exitCode = error instanceof OptionError ? 2 : 1;
} finally {
  await shutdown();
}
