import * as lm from '../../lm/index.ts';
import { core as mx } from '../../mlx/index.ts';
import { ENCODER_MODEL } from './folders.ts';
import type { EmbedderName, Plan } from './plan.ts';
import { numberOf } from './writers.ts';

/** Turns texts into vectors of length 1, `[texts, dims]`. */
export interface TextEmbedder extends Disposable {
  readonly name: EmbedderName;
  embed(texts: readonly string[]): Promise<mx.Array>;
}

export async function openEmbedders({ embedders }: Plan): Promise<TextEmbedder[]> {
  return Promise.all(embedders.map(open));
}

async function open(name: EmbedderName): Promise<TextEmbedder> {
  if (name === 'words') return randomVectors(name, (text) => text.toLowerCase().match(/\p{L}+/gu) ?? []);
  if (name === 'trigrams') return randomVectors(name, (text) => [...text].map((_, i) => text.slice(i, i + 3)));
  const embedder = await lm.loadEmbedder(ENCODER_MODEL);
  return {
    name,
    embed: async (texts) => unit(await embedder.embed(texts)),
    [Symbol.dispose]: () => embedder.dispose(),
  };
}

const DIMS = 64;

/** A text is the sum of vectors that were drawn once for each of its parts: texts of the same parts are near. */
function randomVectors(name: EmbedderName, partsOf: (text: string) => readonly string[]): TextEmbedder {
  const vectorOf = (part: string) => mx.random.normal([DIMS], { key: mx.random.key(numberOf(part)) });
  const sumOf = (text: string) => mx.sum(mx.stack(['', ...partsOf(text)].map(vectorOf)), 0);
  return {
    name,
    embed: async (texts) => mx.tidy(() => unit(mx.stack(texts.map(sumOf)))),
    [Symbol.dispose]: () => undefined,
  };
}

function unit(vectors: mx.Array): mx.Array {
  return mx.tidy(() => {
    const result = vectors.divide(mx.linalg.norm(vectors, { axis: -1, keepdims: true }));
    mx.eval(result);
    return result;
  });
}
