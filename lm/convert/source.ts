import { join } from 'node:path';
import type { RawConfig } from '../config/fields.ts';
import { readConfig } from '../config/read-config.ts';
import { isGgufFile, readGguf } from '../loading/gguf.ts';
import { readWeights } from '../loading/weights.ts';
import type { NamedWeights } from '../models/model.ts';
import { loadTokenizer } from '../tokenizer/load.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { writeTokenizer } from '../tokenizer/write.ts';
import { checkSource, copyCompanions, writeCard } from './folder.ts';

/** A model as it is read to be written anew, or trained: of a folder, or of a .gguf file. */
export interface ModelSource {
  readonly config: RawConfig;
  /** Where the config is, for messages. */
  readonly where: string;
  weights(): NamedWeights | Promise<NamedWeights>;
  tokenizer(): Tokenizer | Promise<Tokenizer>;
  /** Writes what belongs to the model besides its weights and its config. */
  writeCompanions(folder: string): Promise<void>;
}

/**
 * @param name the option that named it, for messages
 * @throws FileError where there is no such folder or file, or it is damaged
 */
export async function openSource(path: unknown, name: string, operation: string): Promise<ModelSource> {
  if (typeof path === 'string' && (await isGgufFile(path))) return ofGguf(path);
  const folder = await checkSource(path, name, operation);
  return {
    config: await readConfig(folder),
    where: join(folder, 'config.json'),
    weights: () => readWeights(folder),
    tokenizer: () => loadTokenizer(folder),
    writeCompanions: (to) => copyCompanions(folder, to),
  };
}

async function ofGguf(path: string): Promise<ModelSource> {
  const { config, weights, tokenizer, tokenizerSource } = await readGguf(path);
  return {
    config,
    where: path,
    weights: () => weights,
    tokenizer: () => tokenizer,
    writeCompanions: async (to) => {
      await writeTokenizer(to, tokenizerSource, config.max_position_embeddings as number | undefined);
      await writeCard(to);
    },
  };
}
