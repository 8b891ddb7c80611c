import type { Caches } from '../../lm/cache/cache.ts';
import { KVCache } from '../../lm/cache/kv-cache.ts';
import { RotatingKVCache } from '../../lm/cache/rotating-kv-cache.ts';
import { readConfig } from '../../lm/config/read-config.ts';
import { generateSteps } from '../../lm/generation/steps.ts';
import { buildModel } from '../../lm/loading/build.ts';
import { readWeights } from '../../lm/loading/weights.ts';
import type { CausalModel } from '../../lm/models/model.ts';
import { core as mx } from '../../mlx/index.ts';
import type { CacheKind, GenerateRun, LogitsRun } from './plan.ts';

export async function loadFolder(folder: string): Promise<CausalModel> {
  return buildModel(await readConfig(folder), await readWeights(folder), folder);
}

function cachesFor(model: CausalModel, kind: CacheKind, window: number): Caches {
  const keepAll = () => model.layers.map(() => new KVCache());
  if (kind === 'own') return model.makeCache?.() ?? keepAll();
  return kind === 'plain' ? keepAll() : model.layers.map(() => new RotatingKVCache(window, 4));
}

/** The scores after each piece. */
export function logitsOf(model: CausalModel, { tokens, pieces, cache: kind, window }: LogitsRun): mx.Array[] {
  const cache = cachesFor(model, kind, window);
  const all = mx.array(tokens as number[][], mx.int32);
  let start = 0;
  const found = pieces.map((length) => {
    const part = all.index(new mx.Slice(), new mx.Slice(start, start + length));
    start += length;
    const logits = model.forward(part, cache);
    mx.eval(logits);
    return logits;
  });
  for (const one of cache) one.dispose();
  return found;
}

export async function generated(model: CausalModel, run: GenerateRun): Promise<number[]> {
  if (run.seed !== null) mx.random.seed(run.seed);
  const cache = cachesFor(model, run.cache, run.window);
  const steps = generateSteps(model, run.prompt, {
    maxTokens: run.count,
    sampler: (logprobs) => (run.seed === null ? mx.argmax(logprobs, { axis: -1 }) : mx.random.categorical(logprobs)),
    processors: [],
    cache,
    prefillStepSize: run.prefill,
  });
  const tokens: number[] = [];
  for await (const { token } of steps) tokens.push(token);
  for (const one of cache) one.dispose();
  return tokens;
}
