import type { RawConfig } from '../config/fields.ts';
import { openSource } from '../convert/source.ts';
import { buildModel } from '../loading/build.ts';
import type { CausalModel } from '../models/model.ts';
import type { TrainingTokenizer } from './datasets.ts';

export interface OpenedModel {
  readonly model: CausalModel;
  readonly tokenizer: TrainingTokenizer;
  readonly config: RawConfig;
}

/**
 * The model and the tokenizer of a folder or a .gguf file, to be trained or measured: its weights are kept as they are in the files.
 * @throws FileError for files that are missing or damaged
 */
export async function openModel(folder: string): Promise<OpenedModel> {
  const source = await openSource(folder, 'folder', 'lm.openModel');
  const { config, where } = source;
  const tokenizer = await source.tokenizer();
  return { model: buildModel(config, await source.weights(), where), tokenizer, config };
}
