// Video annotation: frames are decoded, classified and drawn at the same time, and every way to compute is timed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { configure } from '../../mlx/index.ts';
import { Progress } from '../shared/progress.ts';
import { runCommand } from '../shared/run.ts';
import { tablesText } from '../shared/times-table.ts';
import { annotate } from './annotate.ts';
import { Classifier, type Guess } from './classifier.ts';
import { decode, type Frame } from './decode.ts';
import { draw, encode } from './draw.ts';
import { FOLDER, HERE, NAMES } from './folders.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { reportPage } from './pages/report.ts';
import { distanceFromReference } from './reference.ts';
import { inOrder } from './stages.ts';
import { convertWeights, ffmpeg, loadSharp } from './tools.ts';
import { DTYPES, fastest, leftOut, loadNetwork, recommendation, tablesOf, timeWays } from './ways.ts';

/** Frames a second of the animated picture. */
const RATE = 25;

/** The first frames of a clip, and how many it has. */
async function look(clip: string, height: number, count: number): Promise<[Frame[], number]> {
  const frames: Frame[] = [];
  let total = 0;
  for await (const frame of decode(ffmpeg(), clip, height)) {
    if (total++ < count) frames.push(frame);
  }
  return [frames, total];
}

/** Milliseconds; a large batch in float16 on a busy machine takes minutes. */
const LONGEST = 600_000;

/** Float32 of two libraries that add in another order. */
const TOLERANCE = 1e-4;

/** The whole example. @returns whether the network computes as its reference does, and every frame was annotated. */
async function run({ clip, batches, allBatches, rounds, workers, height, page }: Options): Promise<boolean> {
  configure({ pythonModules: ['peers', 'sys'], pythonFolders: [HERE], poolSize: workers, callTimeoutMs: LONGEST });
  mkdirSync(FOLDER, { recursive: true });
  const sharp = await loadSharp();
  await convertWeights();
  const names: string[] = JSON.parse(readFileSync(NAMES, 'utf8'));
  const distance = distanceFromReference();
  const equal = distance <= TOLERANCE;
  console.log(`${equal ? '✓' : '✗'} scores as PyTorch computes them, to ${distance.toExponential(1)}`);
  const [first, total] = await look(clip, height, Math.max(...batches));

  console.log(`${total} frames of ${relative('', clip)}; ${rounds} rounds of every way to compute`);
  const timing = new Progress(DTYPES.length * batches.length * rounds);
  let done = 0;
  const timings = await timeWays(first, { batches, allBatches, rounds, workers }, (dtype, batch) =>
    timing.show(++done, `${dtype}, batches of ${batch}`),
  );
  const missing = leftOut(timings, batches).map((line) => `\n${line}; --all-batches measures them`);
  console.log(`\n${tablesText(tablesOf(timings))}\n${missing.join('')}\n${recommendation(timings)}\n`);

  const best = fastest(timings);
  const [implementation, lanes] =
    best.place === 'native' ? (['native', 1] as const) : (['python', best.place === 'pool' ? workers : 1] as const);
  using classifier = new Classifier(implementation, lanes, loadNetwork(best.dtype));
  const progress = new Progress(total);
  const start = performance.now();
  const perSecond = (count: number) => (1000 * count) / (performance.now() - start);
  const guesses: (readonly Guess[])[] = [];
  const annotated = annotate(
    decode(ffmpeg(), clip, height, () => {}),
    classifier,
    best.batch,
  );
  const drawn = inOrder(annotated, 2, async ({ frame, guesses: those }) => {
    const picture = await draw(sharp, frame, those, names);
    guesses.push(those);
    progress.show(guesses.length, `${perSecond(guesses.length).toFixed(1)} frames/s`);
    return picture;
  });
  const count = await encode(ffmpeg(), drawn, join(FOLDER, 'annotated.webp'), RATE);
  const speed = perSecond(count);
  console.log(
    `\n${count === total ? '✓' : '✗'} ${count} of ${total} frames annotated, ${speed.toFixed(1)} a second, with decoding and drawing`,
  );

  if (page) {
    const file = join(FOLDER, 'index.html');
    writeFileSync(file, reportPage({ clip: basename(clip), names, guesses, timings, speed, rate: RATE }));
    console.log(`\npage  ${relative('', file)}`);
  }
  return equal && count === total;
}

await runCommand({ parseOptions, usage: USAGE, run });
