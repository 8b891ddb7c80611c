import { ArgumentError } from '../foundation/errors/errors.ts';
import { core as mx } from '../mlx/index.ts';
import { describeValue } from '../registry/arguments/describe.ts';
import { checkedOptions } from '../registry/arguments/options.ts';
import { checkCount } from './generation/checks.ts';
import { type EmbeddingModel, readEmbeddingModel } from './loading/embedding-model.ts';
import { type ResolveModelOptions, resolveModel } from './loading/hub.ts';
import { disposeModel } from './models/dispose.ts';
import { loadTokenizer } from './tokenizer/load.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';

export interface EmbedOptions {
  /** How many texts are computed at once. Default: 32. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const OPERATION = 'lm.Embedder.embed';

/** Turns texts into vectors. See `loadEmbedder`. */
export class Embedder {
  readonly tokenizer: Tokenizer;
  readonly model: EmbeddingModel;

  constructor(model: EmbeddingModel, tokenizer: Tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /**
   * One vector for each text, in their order: float `[texts, dims]`. Texts that are too long are cut off.
   * @throws ArgumentError for what is no list of texts
   */
  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<mx.Array> {
    const given = checkedOptions<EmbedOptions>(options, ['batchSize', 'signal', 'onProgress'], OPERATION);
    const batchSize = checkCount('batchSize', given.batchSize ?? 32, 1);
    const wrong: unknown = Array.isArray(texts) ? texts.find((text) => typeof text !== 'string') : texts;
    if (wrong !== undefined || texts.length === 0) {
      throw new ArgumentError(`expected a list of at least one text, received ${describeValue(wrong ?? texts)}`, {
        operation: OPERATION,
      });
    }
    // Texts of about one length together, so that little is computed for padding.
    const rows = texts.map((text, index) => ({ index, tokens: this.#tokens(text) }));
    rows.sort((a, b) => a.tokens.length - b.tokens.length);
    const parts: mx.Array[] = [];
    for (let start = 0; start < rows.length; start += batchSize) {
      given.signal?.throwIfAborted();
      const batch = rows.slice(start, start + batchSize);
      const vectors = this.#compute(batch.map(({ tokens }) => tokens));
      await mx.asyncEval(vectors);
      parts.push(vectors);
      given.onProgress?.(start + batch.length, rows.length);
    }
    const places = new Int32Array(rows.length);
    rows.forEach(({ index }, place) => {
      places[index] = place;
    });
    const result = mx.tidy(() => mx.concatenate(parts, 0).index(mx.array(places)));
    for (const part of parts) part.dispose();
    return result;
  }

  /** Cut off in the middle, so that the tokens around the text stay. */
  #tokens(text: string): number[] {
    const tokens = this.tokenizer.encode(text);
    const { maxLength } = this.model;
    if (tokens.length <= maxLength) return tokens;
    const around = tokens.length - this.tokenizer.encode(text, { addSpecialTokens: false }).length;
    const behind = around > 1 ? 1 : 0;
    return [...tokens.slice(0, maxLength - behind), ...tokens.slice(tokens.length - behind)];
  }

  #compute(rows: readonly (readonly number[])[]): mx.Array {
    const length = Math.max(...rows.map((row) => row.length));
    const tokens = new Int32Array(rows.length * length);
    const mask = new Int32Array(rows.length * length);
    rows.forEach((row, i) => {
      tokens.set(row, i * length);
      mask.fill(1, i * length, i * length + row.length);
    });
    const shape = [rows.length, length];
    return mx.tidy(() => this.model.embed(mx.array(tokens).reshape(shape), mx.array(mask).reshape(shape)));
  }

  /** Frees the weights. */
  dispose(): void {
    disposeModel(this.model.encoder);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Loads an encoder of the BERT family, with its tokenizer and its pooling.
 * @param source a folder in the layout of sentence-transformers, or the name of a repository of the Hub, `owner/name`
 * @throws FileError for files that are missing, damaged or disagree
 */
export async function loadEmbedder(source: string, options: ResolveModelOptions = {}): Promise<Embedder> {
  const folder = await resolveModel(source, options);
  return new Embedder(await readEmbeddingModel(folder), await loadTokenizer(folder));
}
