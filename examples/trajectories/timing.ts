import * as lm from '../../lm/index.ts';
import { core as mx } from '../../mlx/index.ts';
import { summary, type Times } from '../shared/times.ts';
import type { TimesTable } from '../shared/times-table.ts';
import { ENCODER_MODEL } from './folders.ts';
import { diagramsOf, slicedWasserstein, stackOf } from './operations.ts';
import { DIMENSIONS } from './pipeline.ts';
import type { EmbedderName } from './plan.ts';
import type { Experiment, Store } from './store.ts';

const STEPS = ['embeddings', 'homology', 'distances'] as const;
const SIDES = ['native', 'Python pool', 'Python by itself'] as const;

interface Way {
  readonly step: (typeof STEPS)[number];
  readonly side: (typeof SIDES)[number];
  /** How long it takes; a Python that works by itself has a clock of its own. */
  readonly seconds: () => Promise<number>;
}

/** In milliseconds. */
export interface Timing extends Times {
  readonly step: Way['step'];
  readonly side: Way['side'];
}

/** Why a way may be slower than Python by itself. */
const REASONS: Readonly<Record<string, string>> = {
  'embeddings native':
    'tokens and graphs by JavaScript take less than 1 % of it; more than that is what rounds differ by',
  'embeddings Python pool': 'each operation of the encoder is a message to the worker, and waits for its answer',
  'homology Python pool': 'each cloud costs a call, half a millisecond, and workers share the cores with all else',
  'distances native':
    'JavaScript builds the graphs and starts them, 0.6 ms each; the thread that computes takes 0 to 2 % more',
  'distances Python pool': 'the diagrams cross to the worker, and the distances back',
};

/** What Python does by itself; see peers.py. */
interface Peers {
  homology(clouds: readonly mx.Array[], method: string): number;
  distances(stack: mx.Array): number;
  Encoder: new (folder: string) => { seconds(texts: readonly string[]): number };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function stepsOf(store: Store, { plan, runs }: Experiment): Promise<Way[]> {
  const peers = await mx.python.import<Peers>('peers');
  const models = plan.embedders;
  const clouds = () => runs.flatMap((run) => models.map((model) => store.vectors(run, model) as mx.Array));
  const pairs = (model: EmbedderName, dimension: number) =>
    runs.map((run) => (store.diagrams(run, model)[dimension] as { pairs: mx.Array }).pairs);
  const stacks = () => models.flatMap((model) => DIMENSIONS.map((dimension) => stackOf(pairs(model, dimension))));
  // New arrays each time, since those that Python has seen do not cross again.
  const distances = () => {
    const fresh = stacks();
    mx.eval(fresh);
    const all = () => fresh.map((it) => slicedWasserstein(mx.expandDims(it, 1), mx.expandDims(it, 0)));
    return timed(async () => mx.asyncEval(all()));
  };
  return [
    {
      step: 'homology',
      side: 'Python pool',
      seconds: () => {
        const points = clouds();
        return timed(() => Promise.all(points.map((cloud) => diagramsOf.async(cloud, plan.homology))));
      },
    },
    { step: 'homology', side: 'Python by itself', seconds: () => peers.homology(clouds(), plan.homology) },
    { step: 'distances', side: 'native', seconds: distances },
    { step: 'distances', side: 'Python pool', seconds: () => mx.withImplementation('python', distances) },
    {
      step: 'distances',
      side: 'Python by itself',
      seconds: async () => {
        let seconds = 0;
        for (const stack of stacks()) seconds += await peers.distances(stack);
        return seconds;
      },
    },
  ];
}

/** Of the texts of one run, if there is the encoder. */
async function embeddingsOf(embedder: lm.Embedder, texts: readonly string[]): Promise<Way[]> {
  const peers = await mx.python.import<Peers>('peers');
  const encoder = await new peers.Encoder(ENCODER_MODEL);
  const embed = async () => mx.asyncEval(await embedder.embed(texts));
  return [
    { step: 'embeddings', side: 'native', seconds: () => timed(embed) },
    {
      step: 'embeddings',
      side: 'Python pool',
      seconds: () => timed(() => mx.withImplementation('python', embed)),
    },
    { step: 'embeddings', side: 'Python by itself', seconds: () => encoder.seconds(texts) },
  ];
}

/** Times all ways in turn, round after round, so that whatever else the machine does meets all of them. */
export async function timeWays(
  store: Store,
  experiment: Experiment,
  { rounds, onRound }: { rounds: number; onRound: () => void },
): Promise<Timing[]> {
  const [run] = experiment.runs;
  const hasEncoder = experiment.plan.embedders.includes('all-MiniLM-L6-v2') && run !== undefined;
  using embedder = hasEncoder ? await lm.loadEmbedder(ENCODER_MODEL) : undefined;
  const embeddings = embedder === undefined || !run ? [] : await embeddingsOf(embedder, store.texts(run));
  const ways = [...embeddings, ...(await stepsOf(store, experiment))];
  // The first run starts workers, and copies what a side does not have yet.
  for (const { seconds } of ways) await seconds();
  const times = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { seconds }] of ways.entries()) times[i]?.push(1000 * (await seconds()));
    onRound();
  }
  return ways.map(({ step, side }, i) => ({ step, side, ...summary(times[i] as number[]) }));
}

/** One for each step. */
export function tablesOf(timings: readonly Timing[]): TimesTable[] {
  return STEPS.flatMap((title) => {
    const same = timings.filter(({ step }) => step === title);
    const alone = same.find(({ side }) => side === 'Python by itself');
    const rows = same.map((it) => ({ ...it, name: it.side, alone, whySlower: REASONS[`${title} ${it.side}`] }));
    return rows.length === 0 ? [] : [{ title, unit: 'ms', digits: 1, rows }];
  });
}

/** For each step the fastest way by its median, and the fastest one of this library. */
export function recommendations(timings: readonly Timing[]): string[] {
  return STEPS.flatMap((name) => {
    const rows = timings.filter(({ step }) => step === name);
    const [alone] = rows.filter(({ side }) => side === 'Python by itself');
    if (alone === undefined) return [];
    const ours = rows.filter((row) => row !== alone).reduce((a, b) => (b.median < a.median ? b : a));
    const times = `${(alone.median / ours.median).toFixed(2)} times as fast as Python by itself`;
    const best = alone.median < ours.median ? `Python by itself; of the ways of this library ${ours.side}` : ours.side;
    return [`${name}: ${best}, ${times}`];
  });
}
