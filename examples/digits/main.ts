import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MlxRouterError, core as mx, routing, shutdown } from '../../mlx/index.ts';
import { type Check, checkSavedWeights, compareNetwork, compareSoftmax } from './checks.ts';
import { loadDigits, split } from './dataset.ts';
import { registerFeatures, straighten } from './features.ts';
import { OptionError, type Options, parseOptions, USAGE } from './options.ts';
import { reportPage } from './pages/report.ts';
import { Progress } from './progress.ts';
import { readAll } from './readings.ts';
import { routingRows, textTable } from './routing-table.ts';
import { chooseStep } from './steps.ts';
import { BATCH, flat, HIDDEN, train } from './train.ts';

const REQUIRED_ACCURACY = 0.95;
const FOLDER = fileURLToPath(new URL('../../build/digits/', import.meta.url));

function print(step: string, text: string): void {
  console.log(`${step.padEnd(9)} ${text}`);
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
function run({ epochs, seed, page }: Options): boolean {
  const start = performance.now();
  mkdirSync(FOLDER, { recursive: true });
  routing.time();
  const { deskew } = registerFeatures();
  mx.random.seed(seed);

  const digits = loadDigits();
  print('read', `${digits.labels.length} handwritten digits of 8×8 pixels, real ones`);
  const { images, step } = straighten(digits.images, deskew);
  print('deskew', step.text);
  const parts = split({ ...digits, images });
  print('split', `${parts.train.labels.length} to train with, ${parts.test.labels.length} held out for the test`);

  print('train', `64 → ${HIDDEN} → 10 units, ReLU, cross-entropy, momentum; ${epochs} epochs, seed ${seed}`);
  const batch = mx.Slice(0, BATCH);
  const chosen = chooseStep(flat(parts.train.images).index(batch), parts.train.labels.index(batch));
  print('step', chosen.text);
  const progress = new Progress(epochs);
  const trainingStart = performance.now();
  const { parameters, history } = train(parts.train, parts.test, {
    epochs,
    step: chosen.step,
    onEpoch: (epoch, index) => progress.show(index + 1, epoch),
  });
  const trainingSeconds = (performance.now() - trainingStart) / 1000;

  const inputs = flat(parts.test.images);
  const checks = [
    compareSoftmax(parameters, inputs),
    compareNetwork(parameters, inputs),
    checkSavedWeights(join(FOLDER, 'weights.safetensors'), parameters, inputs),
  ];
  checks.forEach(report);

  const readings = readAll(parameters, parts.test);
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

  if (page) {
    const file = join(FOLDER, 'index.html');
    const weights = parameters.w1.toTypedArray() as Float32Array;
    const facts = { seed, seconds, hidden: HIDDEN, history, readings, weights, step, checks, routing: rows };
    writeFileSync(file, reportPage({ ...facts, transfers: transfersText() }));
    print('page', relative(process.cwd(), file));
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
  else if (error instanceof MlxRouterError) console.error(`${error.code}: ${error.message}`);
  else throw error;
  process.exitCode = error instanceof OptionError ? 2 : 1;
} finally {
  await shutdown();
}
