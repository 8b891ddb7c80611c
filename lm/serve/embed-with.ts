import type { Embedder } from '../embedder.ts';
import type { Embed } from './options.ts';

/** The `embed` of a server, by an encoder that `loadEmbedder` gave. */
export function embedWith(embedder: Embedder): Embed {
  const { tokenizer } = embedder;
  return async (inputs, signal) => {
    // Tokens become texts again, since what has to stand around them is not among them.
    const texts = inputs.map((input) => (typeof input === 'string' ? input : tokenizer.decode(input)));
    using vectors = await embedder.embed(texts, { signal });
    const tokens = texts.reduce((sum, text) => sum + tokenizer.encode(text).length, 0);
    return { vectors: vectors.tolist() as number[][], tokens };
  };
}
