// Runs of a loop in which a language model writes and describes in turn; the shape of their paths through embeddings.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { configure, routing } from '../../mlx/index.ts';
import { Progress } from '../shared/progress.ts';
import { runCommand } from '../shared/run.ts';
import { tablesText } from '../shared/times-table.ts';
import { checksOf } from './checks.ts';
import { experimentOf } from './experiment.ts';
import { ENCODER, FOLDER, HERE, SITE } from './folders.ts';
import { killAtRandom } from './kills.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { reportPage } from './pages/report.ts';
import { Pipeline } from './pipeline.ts';
import { nameOf } from './plan.ts';
import { type Experiment, Store } from './store.ts';
import { recommendations, tablesOf, timeWays } from './timing.ts';

function print({ id, plan, runs }: Experiment): void {
  const { texts, seeds, steps, writer, embedders, homology, clusters } = plan;
  console.log(`experiment ${id}: ${runs.length} runs, ${texts.length} texts × ${seeds} seeds, of ${steps} steps each`);
  console.log(`${writer}; ${embedders.join(' and ')}; homology: ${nameOf(homology)}; clusters: ${nameOf(clusters)}`);
  if (writer === 'dummy') console.log('The dummy draws words; a language model writes where it is installed.');
}

/** The moves of tensors between this process and Python. */
function movesOf(): string {
  const { toPython, toNative } = routing.transfers();
  const kilobytes = ({ bytes }: { bytes: number }) => `${(bytes / 1024).toFixed(1)} KiB`;
  return `${toPython.count} arrays to Python (${kilobytes(toPython)}), ${toNative.count} back (${kilobytes(toNative)})`;
}

/** The whole example. @returns whether every check passed. */
async function run(options: Options): Promise<boolean> {
  const { database, rounds, workers } = options;
  const pythonModules = ['homology', 'clusters', 'wasserstein', 'peers'];
  configure({ pythonModules, pythonFolders: [HERE, ENCODER, SITE], poolSize: workers });
  using store = new Store(database);
  const experiment = await experimentOf(store, options);
  print(experiment);

  let progress: Progress | undefined;
  const pipeline = new Pipeline(store, experiment, ({ before, here, total }, note) => {
    progress ??= new Progress(total);
    progress.show(before + here, note);
  });
  const { before, here, total } = await pipeline.run();
  const moves = movesOf();
  console.log(`${before} of ${total} parts were in ${relative('', database)}, ${here} were done now; ${moves}\n`);

  const checks = checksOf(store, experiment);
  for (const { name, passed } of checks) console.log(`${passed ? '✓' : '✗'} ${name}`);
  const timing = new Progress(Math.max(1, rounds));
  let round = 0;
  if (rounds > 0) console.log(`\n${rounds} rounds of every way`);
  const onRound = () => timing.show(++round);
  const timings = rounds > 0 ? await timeWays(store, experiment, { rounds, onRound }) : [];
  const recommended = recommendations(timings);
  if (rounds > 0)
    console.log(`\n${tablesText(tablesOf(timings))}\n\nRecommended here, as the fastest:\n${recommended.join('\n')}`);

  if (options.page) {
    mkdirSync(FOLDER, { recursive: true });
    const file = join(FOLDER, 'index.html');
    writeFileSync(file, reportPage(store, experiment, { timings, recommended, checks, moves }));
    console.log(`\npage  ${relative('', file)}`);
  }
  return checks.every(({ passed }) => passed);
}

/** Kills a small experiment again and again. @returns whether it ended as one that nobody killed. */
async function check(kills: number): Promise<boolean> {
  console.log(`A small experiment, killed ${kills} times at random moments, and resumed each time`);
  const progress = new Progress(kills);
  const node = [...process.execArgv, process.argv[1] as string];
  const onKill = (done: number, note: string) => progress.show(done, note);
  const { equal, ends } = await killAtRandom(kills, { node, onKill });
  console.log(`${equal ? '✓' : '✗'} ${ends} ends, each with the rows of an experiment that was not killed`);
  return equal;
}

await runCommand({
  parseOptions,
  usage: USAGE,
  run: (options) => (options.kills > 0 ? check(options.kills) : run(options)),
});
