import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Embedder } from '../../lm/index.ts';
import { core as mx } from '../../mlx/index.ts';
import { summary, type Times } from '../shared/times.ts';
import type { TimesTable } from '../shared/times-table.ts';
import { SITE } from './folders.ts';
import { ranked, units } from './search-index.ts';

/** A way to turn texts into vectors. */
export interface Way {
  readonly name: string;
  readonly embed: (texts: readonly string[]) => Promise<{ vectors: mx.Array; seconds: number }>;
}

export interface Timing extends Times {
  readonly name: string;
  /** The largest difference of a number from the native one. */
  readonly difference: number;
  /** Whether the texts are in the same order, by their nearness to the question. */
  readonly sameRanking: boolean;
}

export const hasTokenizer = (): boolean => existsSync(join(SITE, 'tokenizers'));

/** All ways that there are; the first is the native one. */
export async function waysOf(embedder: Embedder, folder: string, onnx: Way['embed'] | undefined): Promise<Way[]> {
  const ours = async (texts: readonly string[]) => {
    const start = performance.now();
    const vectors = await embedder.embed(texts, { batchSize: 32 });
    await mx.asyncEval(vectors);
    return { vectors, seconds: (performance.now() - start) / 1000 };
  };
  const ways: Way[] = [
    { name: 'native', embed: ours },
    { name: 'Python pool', embed: (texts) => mx.withImplementation('python', () => ours(texts)) },
  ];
  if (hasTokenizer()) {
    const peers = await mx.python.import('peers');
    const encoder = await peers.Encoder(folder);
    const embed = async (texts: readonly string[]) => ({
      vectors: await encoder.embed(texts),
      seconds: await encoder.seconds,
    });
    ways.push({ name: 'Python by itself', embed });
  }
  if (onnx !== undefined) ways.push({ name: 'transformers.js, ONNX', embed: onnx });
  return ways;
}

/** Times all ways in turn, round after round, so that whatever else the machine does meets all of them. */
export async function timeWays(
  ways: readonly Way[],
  texts: readonly string[],
  question: mx.Array,
  { rounds, onRound }: { rounds: number; onRound: () => void },
): Promise<Timing[]> {
  const answers: mx.Array[] = [];
  // The first run copies the weights to where they are not yet.
  for (const { embed } of ways) answers.push(units((await embed(texts)).vectors));
  const speeds = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { embed }] of ways.entries()) {
      const { vectors, seconds } = await embed(texts);
      speeds[i]?.push(texts.length / seconds);
      vectors.dispose();
    }
    onRound();
  }
  const [native] = answers as [mx.Array];
  const order = (vectors: mx.Array) => String(ranked(vectors, question).places);
  return answers.map((vectors, i) => ({
    name: (ways[i] as Way).name,
    difference: Number(mx.tidy(() => mx.abs(vectors.subtract(native)).max()).item()),
    sameRanking: order(vectors) === order(native),
    ...summary(speeds[i] as number[]),
  }));
}

/** Why a way may be slower than Python by itself. */
const REASONS: Readonly<Record<string, string>> = {
  native: 'tokens and graphs by JavaScript take less than 1 % of it; more than that is what rounds differ by',
  'Python pool': 'each operation of the encoder is a message to the worker, and waits for its answer',
};

export function tableOf(timings: readonly Timing[]): TimesTable {
  const alone = timings.find(({ name }) => name === 'Python by itself');
  const rows = timings.map((timing) => ({ ...timing, alone, whySlower: REASONS[timing.name] }));
  return { title: 'embeddings', unit: 'sentences/s', digits: 1, rows };
}

/** Which way is the fastest by its median, and how the others compare with the native one. */
export function recommendation(timings: readonly Timing[]): string {
  const best = timings.reduce((a, b) => (b.median > a.median ? b : a));
  const [native, ...others] = timings as [Timing, ...Timing[]];
  const compared = others.map(({ name, median }) => `${(native.median / median).toFixed(2)} times as fast as ${name}`);
  return `Recommended here: ${best.name}. Native is ${compared.join(', ')}.`;
}
