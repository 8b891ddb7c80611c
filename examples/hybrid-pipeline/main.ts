import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { configure, MlxRouterError, shutdown } from '../../mlx/index.ts';
import { OptionError } from '../shared/options.ts';
import { makeClouds, POINTS } from './clouds.ts';
import { HERE, SITE } from './folders.ts';
import { type Measurement, measure, waysOf } from './measure.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { countCircles, type StageName } from './stage.ts';

const SEED = 7;
const REQUIRED_ACCURACY = 0.95;

function stageOf({ stage }: Options): StageName {
  const installed = existsSync(join(SITE, 'gudhi'));
  if (stage === 'auto' && !installed) {
    console.log(
      'GUDHI is not installed (node --import tsx scripts/install-extra.ts topology hybrid-pipeline): pieces instead of loops.',
    );
  }
  return stage === 'auto' ? (installed ? 'loops' : 'pieces') : stage;
}

function table(measurements: readonly Measurement[]): string {
  const slowest = measurements[0]?.perSecond ?? 1;
  const rows = measurements.map(({ name, workers, perSecond }) => [
    name,
    String(workers),
    perSecond.toFixed(0),
    `${(perSecond / slowest).toFixed(1)} ×`,
  ]);
  const all = [['calls', 'workers', 'clouds/s', ''], ...rows];
  return all
    .map(([name = '', ...figures]) => name.padEnd(12) + figures.map((text) => text.padStart(10)).join(''))
    .join('\n');
}

/** The whole example. @returns whether every way gave the same, and the circles were counted rightly. */
async function run(options: Options): Promise<boolean> {
  configure({ pythonModules: ['topology'], pythonFolders: [HERE, SITE] });
  const stage = stageOf(options);
  console.log(`${options.clouds} clouds of ${POINTS} points; native → ${stage} in Python → native\n`);
  const clouds = () => makeClouds(options.clouds, SEED);
  const measurements: Measurement[] = [];
  for (const way of waysOf(options.workers)) measurements.push(await measure(way, stage, options.batch, clouds));
  console.log(table(measurements));
  const [first, ...others] = measurements.map(({ lifetimes }) => lifetimes);
  const same = others.every((lifetimes) => JSON.stringify(lifetimes) === JSON.stringify(first));
  const counted = countCircles(stage, first ?? []);
  const truth = clouds().map(({ circles }) => circles);
  const accuracy = counted.filter((count, i) => count === truth[i]).length / truth.length;
  console.log(`\n${same ? '✓' : '✗'} every way gives the same lifetimes`);
  console.log(
    `${accuracy >= REQUIRED_ACCURACY ? '✓' : '✗'} ${(100 * accuracy).toFixed(1)} % of the clouds' circles counted rightly`,
  );
  return same && accuracy >= REQUIRED_ACCURACY;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  const known = error instanceof OptionError || error instanceof MlxRouterError;
  if (!known) throw error;
  console.error(
    error instanceof OptionError ? `${error.message}\n\n${USAGE}` : `${error.code}: ${error.message.split('\n')[0]}`,
  );
  process.exitCode = error instanceof OptionError ? 2 : 1;
} finally {
  await shutdown();
}
