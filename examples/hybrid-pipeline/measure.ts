import { configure, type core as mx, shutdown } from '../../mlx/index.ts';
import type { Cloud } from './clouds.ts';
import { openStage, type Stage, type StageName } from './stage.ts';

export interface Way {
  readonly name: string;
  readonly workers: number;
  readonly run: (stage: Stage, clouds: readonly mx.Array[]) => Promise<number[][]>;
}

export interface Measurement {
  readonly name: string;
  readonly workers: number;
  readonly perSecond: number;
  readonly lifetimes: readonly (readonly number[])[];
}

/** The ways to send clouds through the stage, from the simplest to the fastest. */
export function waysOf(workers: number): Way[] {
  const batched: Way['run'] = (stage, clouds) => Promise.all(clouds.map(stage.batched));
  return [
    { name: 'one by one', workers: 1, run: oneByOne },
    { name: 'all at once', workers: 1, run: (stage, clouds) => Promise.all(clouds.map(stage.alone)) },
    { name: 'in batches', workers: 1, run: batched },
    ...(workers > 1 ? [{ name: 'in batches', workers, run: batched }] : []),
  ];
}

async function oneByOne(stage: Stage, clouds: readonly mx.Array[]): Promise<number[][]> {
  const lifetimes: number[][] = [];
  for (const cloud of clouds) lifetimes.push(await stage.alone(cloud));
  return lifetimes;
}

/** Other programs only make it slower, so the best of some rounds is the way's own. */
const ROUNDS = 3;

/** Clouds a second of one way. New clouds for each round, since an array that Python has seen does not cross again. */
export async function measure(
  way: Way,
  name: StageName,
  batch: number,
  makeClouds: () => readonly Cloud[],
): Promise<Measurement> {
  await shutdown();
  configure({ poolSize: way.workers });
  const stage = openStage(name, batch, 5);
  const points = (clouds: readonly Cloud[]) => clouds.map((cloud) => cloud.points);
  // Starts the workers and makes their objects.
  await way.run(stage, points(makeClouds()));
  let perSecond = 0;
  let lifetimes: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const clouds = points(makeClouds());
    const start = performance.now();
    lifetimes = await way.run(stage, clouds);
    perSecond = Math.max(perSecond, (clouds.length * 1000) / (performance.now() - start));
  }
  return { name: way.name, workers: way.workers, perSecond, lifetimes };
}
