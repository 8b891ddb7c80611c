import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArgumentError, FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { core as mx } from '../../mlx/index.ts';
import { ConfigFields } from '../config/fields.ts';
import { readConfig, readJson } from '../config/read-config.ts';
import type { Encoder } from '../models/model.ts';
import { normalized, type Pooling, poolingOf } from '../models/pooling.ts';
import { createEncoder } from '../models/registry.ts';
import { readWeights } from './weights.ts';
import { withWeights } from './with-weights.ts';

/** An encoder, and what sentence-transformers does with its vectors. */
export class EmbeddingModel {
  readonly encoder: Encoder;
  /** How many tokens of a text are read; the tokenizer cuts off the others. */
  readonly maxLength: number;
  readonly #pooling: Pooling;
  readonly #normalizes: boolean;

  constructor(
    encoder: Encoder,
    how: { readonly pooling: Pooling; readonly normalizes: boolean; readonly maxLength: number },
  ) {
    this.encoder = encoder;
    this.maxLength = how.maxLength;
    this.#pooling = how.pooling;
    this.#normalizes = how.normalizes;
  }

  /**
   * One vector for each text: `[B, D]`.
   * @param tokens `[B, L]`
   * @param mask `[B, L]`: 1 for tokens, 0 for what only fills up a row; each row has one token at least
   * @param types `[B, L]`: which of two sentences a token is of. Default: the first.
   * @throws ArgumentError if the shapes differ, or there are more positions than the encoder has
   */
  embed(tokens: mx.Array, mask: mx.Array, types?: mx.Array): mx.Array {
    for (const [name, array] of Object.entries({ mask, types })) {
      if (array === undefined || String(array.shape) === String(tokens.shape)) continue;
      throw new ArgumentError(`expected shape [${tokens.shape}] for "${name}", received [${array.shape}]`, {
        operation: 'lm.EmbeddingModel.embed',
      });
    }
    return mx.tidy(() => {
      const pooled = this.#pooling(this.encoder.forward(tokens, mask, types), mask);
      return this.#normalizes ? normalized(pooled) : pooled;
    });
  }
}

/** What follows the encoder: without modules.json the mean of all tokens, as sentence-transformers does. */
async function readSteps(folder: string): Promise<{ pooling: Pooling; normalizes: boolean }> {
  const steps = await readModules(folder);
  let pooling = poolingOf(undefined);
  let normalizes = false;
  for (const step of steps) {
    const type = step.text('type');
    const kind = type.slice(type.lastIndexOf('.') + 1);
    if (kind === 'Transformer') continue;
    if (kind === 'Normalize') {
      normalizes = true;
    } else if (kind === 'Pooling') {
      const path = step.text('path');
      // A name that leads out of the folder would read a file of the user's.
      if (!/^\w[\w.-]*$/.test(path))
        throw step.error(`expected the name of a folder inside for "path", received "${path}"`);
      const config = await readJson(join(folder, path), 'config.json');
      if (config === undefined) throw step.error(`"${path}" has no config.json`);
      pooling = poolingOf(new ConfigFields(config, join(folder, path, 'config.json')));
    } else {
      throw step.error(`modules of the type "${type}" are not read here; there are Transformer, Pooling and Normalize`);
    }
  }
  return { pooling, normalizes };
}

async function readModules(folder: string): Promise<ConfigFields[]> {
  const path = join(folder, 'modules.json');
  let list: unknown;
  try {
    list = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new FileError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const isObject = (item: unknown) => typeof item === 'object' && item !== null && !Array.isArray(item);
  if (!Array.isArray(list) || !list.every(isObject)) throw new FileError(`${path}: expected a list of objects`);
  return list.map((item, index) => new ConfigFields(item, `${path}, module ${index}`));
}

/** Reads an encoder from a folder in the layout of sentence-transformers, or of transformers alone. */
export async function readEmbeddingModel(folder: string): Promise<EmbeddingModel> {
  const config = new ConfigFields(await readConfig(folder), join(folder, 'config.json'));
  const encoder = withWeights(() => createEncoder(config), await readWeights(folder), config, folder);
  const name = 'sentence_bert_config.json';
  const limits = new ConfigFields((await readJson(folder, name)) ?? {}, join(folder, name));
  const maxLength = Math.min(limits.size('max_seq_length', encoder.maxLength), encoder.maxLength);
  return new EmbeddingModel(encoder, { ...(await readSteps(folder)), maxLength });
}
