// A language model as programs use it. The same works stand in bench/python/workloads/lm.py, of mlx_lm.
import { readFileSync } from 'node:fs';
import { readConfig } from '../../lm/config/read-config.ts';
import { NativeEngine } from '../../lm/engines/native-engine.ts';
import { BatchGenerator } from '../../lm/generation/batch.ts';
import { readGenerateOptions } from '../../lm/generation/options.ts';
import { loadEmbedder } from '../../lm/index.ts';
import { buildModel } from '../../lm/loading/build.ts';
import { readWeights } from '../../lm/loading/weights.ts';
import type { CausalModel } from '../../lm/models/model.ts';
import { core as mx } from '../../mlx/index.ts';
import { readSetting } from '../language-models/setting.ts';
import { startTiming, type Timing } from '../timing.ts';
import { type Form, loraStep } from './lora.ts';

const setting = readSetting();

const PROMPT = 8;
const SEQUENCES = 8;
const MB = 1e6;
/** How often memory is read, and after how many tokens it counts, in tokens. */
const SAMPLED = 16;

async function load(form: Form): Promise<CausalModel> {
  const folder = setting[form];
  const model = buildModel(await readConfig(folder), await readWeights(folder), folder);
  await mx.asyncEval(model.parameters());
  return model;
}

const loaded = new Map<Form, Promise<NativeEngine>>();

function engineOf(form: Form): Promise<NativeEngine> {
  const found = loaded.get(form) ?? load(form).then((model) => new NativeEngine(model, 'llama'));
  loaded.set(form, found);
  return found;
}

async function vocabularyOf(form: Form): Promise<number> {
  return Number((await readConfig(setting[form])).vocab_size);
}

/** Tokens from all over the vocabulary, others of another start. */
const tokens = (count: number, vocabulary: number, start = 0): number[] =>
  Array.from({ length: count }, (_, i) => ((start + i) * 7919 + 13) % vocabulary);

/** One number for a sequence of tokens. */
const digest = (sequence: Iterable<number>): number => {
  let sum = 0;
  for (const token of sequence) sum = (sum * 31 + token) % 2147483647;
  return sum;
};

async function loading(form: Form): Promise<Timing> {
  const stop = startTiming();
  const model = await load(form);
  const timing = stop(null);
  new NativeEngine(model, 'llama').dispose();
  return timing;
}

/** From the call to the first token after a prompt of so many. */
async function firstToken(form: Form, count: number): Promise<Timing> {
  const engine = await engineOf(form);
  const prompt = tokens(count, await vocabularyOf(form));
  const cache = engine.newCache();
  const stop = startTiming();
  let first = 0;
  for await (const { token } of engine.steps(prompt, cache, readGenerateOptions({ maxTokens: 1 }))) first = token;
  const timing = stop(first);
  cache.dispose();
  return timing;
}

/** So many tokens after the first one. */
async function decode(form: Form, count: number): Promise<Timing> {
  const engine = await engineOf(form);
  const prompt = tokens(PROMPT, await vocabularyOf(form));
  const cache = engine.newCache();
  const written: number[] = [];
  let stop: ReturnType<typeof startTiming> | undefined;
  for await (const { token } of engine.steps(prompt, cache, readGenerateOptions({ maxTokens: count + 1 }))) {
    written.push(token);
    stop ??= startTiming();
  }
  const timing = (stop as ReturnType<typeof startTiming>)(digest(written));
  cache.dispose();
  return timing;
}

/** Eight answers at once, so many tokens in all, with their prompts. */
async function batch(form: Form, count: number): Promise<Timing> {
  const { model } = await engineOf(form);
  const vocabulary = await vocabularyOf(form);
  const generator = new BatchGenerator(model);
  const written = new Map<number, number[]>();
  const stop = startTiming();
  for (let i = 0; i < SEQUENCES; i++) {
    const prompt = tokens(PROMPT, vocabulary, i * PROMPT);
    written.set(generator.insert(prompt, { maxTokens: count / SEQUENCES }), []);
  }
  for (let results = await generator.next(); results.length > 0; results = await generator.next()) {
    for (const { uid, token } of results) if (token !== undefined) written.get(uid)?.push(token);
  }
  const timing = stop(digest([...written.values()].flat()));
  generator.close();
  return timing;
}

let embedder: ReturnType<typeof loadEmbedder> | undefined;

async function embed(count: number): Promise<Timing> {
  embedder ??= loadEmbedder(setting.encoder);
  const encoder = await embedder;
  const texts = (JSON.parse(readFileSync(setting.sentences, 'utf8')) as string[]).slice(0, count);
  const stop = startTiming();
  const vectors = await encoder.embed(texts);
  await mx.asyncEval(vectors);
  const timing = stop(null);
  // MLX compiles its gelu, whose last bits differ from those of its single operations.
  const result = Math.round(Number(mx.abs(vectors).sum().item()));
  vectors.dispose();
  return { ...timing, result };
}

/** By how much the process grows while a long answer is written, beyond what its cache takes. */
async function longAnswer(form: Form, count: number): Promise<number> {
  const engine = await engineOf(form);
  const cache = engine.newCache();
  const prompt = tokens(PROMPT, await vocabularyOf(form));
  const size = (): number => process.memoryUsage.rss() - cache.caches.reduce((sum, one) => sum + one.nbytes, 0);
  let start = 0;
  let peak = 0;
  let done = 0;
  for await (const _ of engine.steps(prompt, cache, readGenerateOptions({ maxTokens: count }))) {
    if (++done % SAMPLED !== 0) continue;
    if (start === 0) start = size();
    peak = Math.max(peak, size());
  }
  cache.dispose();
  return (peak - start) / MB;
}

const both = (name: string, work: (form: Form, count: number) => Promise<Timing>) => ({
  [name]: (count: number) => work('full', count),
  [`${name}-quantized`]: (count: number) => work('quantized', count),
});

export const workloads = {
  ...both('load', loading),
  ...both('prefill', firstToken),
  ...both('first-token', firstToken),
  ...both('decode', decode),
  ...both('batch-8', batch),
  ...both('lora-step', (form, count) => loraStep(() => load(form), form, count)),
  'embed-256': embed,
  'long-answer': (count: number) => longAnswer('full', count),
};
