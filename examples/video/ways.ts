import { core as mx } from '../../mlx/index.ts';
import { summary, type Times } from '../shared/times.ts';
import type { TimesTable } from '../shared/times-table.ts';
import { Classifier, squares } from './classifier.ts';
import type { Frame } from './decode.ts';
import { WEIGHTS } from './folders.ts';
import { EfficientNetLite } from './network.ts';

export const DTYPES = ['float32', 'float16'] as const;
export type Precision = (typeof DTYPES)[number];

const PLACES = ['native', 'one worker', 'pool', 'Python by itself'] as const;

/** Frames a second. */
export interface Timing extends Times {
  readonly place: (typeof PLACES)[number];
  readonly dtype: Precision;
  readonly batch: number;
}

export const loadNetwork = (dtype: Precision) => (): EfficientNetLite => {
  const network = new EfficientNetLite();
  network.loadWeights(WEIGHTS);
  network.setDtype(mx[dtype]);
  mx.eval(network);
  return network;
};

/** Computes a batch, or several of that size at once, and says how long that took. */
export type Way = (frames: readonly Frame[]) => Promise<{ frames: number; seconds: number }>;

/** As many batches at once as the classifier has lanes, for the time of all. */
const timed =
  (classifier: Classifier): Way =>
  async (frames) => {
    const start = performance.now();
    await Promise.all(Array.from({ length: classifier.lanes }, () => classifier.classify(frames)));
    return { frames: classifier.lanes * frames.length, seconds: (performance.now() - start) / 1000 };
  };

async function alone(dtype: Precision): Promise<Way> {
  const peers = await mx.python.import('peers');
  const network = await peers.Network(WEIGHTS, dtype);
  return async (frames) => {
    await network.classify(squares(frames));
    return { frames: frames.length, seconds: await network.seconds };
  };
}

/** After this many seconds of one way with one size of batch, it is not measured again. */
const LIMIT = 4;

/** What to measure. Where a single batch of the first way takes longer than the limit, larger ones are left out, unless `allBatches`. */
interface Extent {
  readonly batches: readonly number[];
  readonly allBatches: boolean;
  readonly rounds: number;
}

/**
 * Frames a second of each way, by the size of the batch. All ways have their turn, round after round, so that whatever else the
 * machine does meets all of them. What takes long is measured in fewer rounds, but once at least.
 */
export async function measure(
  ways: readonly Way[],
  frames: readonly Frame[],
  { batches, allBatches, rounds }: Extent,
  onRound: (batch: number) => void,
): Promise<{ batch: number; speeds: number[][] }[]> {
  const some = (count: number) => Array.from({ length: count }, (_, i) => frames[i % frames.length] as Frame);
  // MLX compiles kernels for one frame and others for several, which takes seconds, whatever the size of the batch.
  for (const count of new Set(batches.map((batch) => Math.min(batch, 2)))) {
    for (const way of ways) await way(some(count));
  }
  const measured: { batch: number; speeds: number[][] }[] = [];
  for (const batch of batches) {
    const speeds = ways.map((): number[] => []);
    const spent = ways.map(() => 0);
    // The first run makes the graph, and counts only where it is beyond the limit by what it computes.
    for (let round = -1; round < rounds; round++) {
      for (const [i, way] of ways.entries()) {
        if ((spent[i] as number) > LIMIT) continue;
        const { frames: computed, seconds } = await way(some(batch));
        spent[i] = (spent[i] as number) + seconds;
        if (round >= 0 || seconds > LIMIT) speeds[i]?.push(computed / seconds);
      }
      if (round >= 0) onRound(batch);
    }
    measured.push({ batch, speeds });
    if (!allBatches && batch / Math.max(...(speeds[0] as number[])) > LIMIT) break;
  }
  return measured;
}

/** Times all places in both dtypes. */
export async function timeWays(
  frames: readonly Frame[],
  { workers, ...extent }: Extent & { readonly workers: number },
  onRound: (dtype: Precision, batch: number) => void,
): Promise<Timing[]> {
  const timings: Timing[] = [];
  for (const dtype of DTYPES) {
    using native = new Classifier('native', 1, loadNetwork(dtype));
    using worker = new Classifier('python', 1, loadNetwork(dtype));
    using pool = new Classifier('python', workers, loadNetwork(dtype));
    const ways = [timed(native), timed(worker), timed(pool), await alone(dtype)];
    for (const { batch, speeds } of await measure(ways, frames, extent, (batch) => onRound(dtype, batch))) {
      timings.push(...PLACES.map((place, i) => ({ place, dtype, batch, ...summary(speeds[i] as number[]) })));
    }
  }
  return timings;
}

/** For each dtype the sizes of batches that were left out, if there are any. */
export function leftOut(timings: readonly Timing[], batches: readonly number[]): string[] {
  return DTYPES.flatMap((dtype) => {
    const missing = batches.filter((size) => !timings.some((it) => it.dtype === dtype && it.batch === size));
    if (missing.length === 0) return [];
    return [`${dtype}: left out since they take longer than ${LIMIT} seconds: batches of ${missing.join(', ')}`];
  });
}

/** Why a place may be slower than Python by itself. */
const REASONS: Readonly<Partial<Record<Timing['place'], string>>> = {
  native:
    'cutting frames and reading results, 0.6 to 2 ms a frame, is in this figure alone; beside other work see examples/README.md',
  'one worker': 'frames cross to the worker and results back, and that is in this figure alone',
  pool: 'frames cross to workers and results back, and the workers share the cores',
};

/** One for each dtype and size of batch. */
export function tablesOf(timings: readonly Timing[]): TimesTable[] {
  const titleOf = ({ dtype, batch }: Timing) => `${dtype} × ${batch}`;
  return [...new Set(timings.map(titleOf))].map((title) => {
    const same = timings.filter((timing) => titleOf(timing) === title);
    const alone = same.find(({ place }) => place === 'Python by itself');
    const rows = same.map((timing) => ({ ...timing, name: timing.place, alone, whySlower: REASONS[timing.place] }));
    return { title, unit: 'frames/s', digits: 2, rows };
  });
}

/** The fastest by its median; Python by itself is only there to compare with. */
export function fastest(timings: readonly Timing[]): Timing {
  const ours = timings.filter(({ place }) => place !== 'Python by itself');
  return ours.reduce((a, b) => (b.median > a.median ? b : a));
}

export function recommendation(timings: readonly Timing[]): string {
  const best = fastest(timings);
  const of = (dtype: Precision) => fastest(timings.filter((timing) => timing.dtype === dtype)).median;
  const others = PLACES.filter((place) => place !== best.place).map((place) => {
    const same = timings.find((it) => it.place === place && it.dtype === best.dtype && it.batch === best.batch);
    return `${(best.median / (same?.median ?? Number.NaN)).toFixed(2)} times as fast as ${place}`;
  });
  return `Recommended here: ${best.place}, ${best.dtype}, batches of ${best.batch}. That is ${others.join(', ')}. float16 has ${(of('float16') / of('float32')).toFixed(2)} times the frames a second of float32.`;
}
