import { join } from 'node:path';
import type { RawConfig } from '../config/fields.ts';
import { readConfig } from '../config/read-config.ts';
import { checkSource } from '../convert/folder.ts';
import { buildModel } from '../loading/build.ts';
import { readWeights } from '../loading/weights.ts';
import type { CausalModel } from '../models/model.ts';
import { loadTokenizer } from '../tokenizer/load.ts';
import type { TrainingTokenizer } from './datasets.ts';

export interface OpenedModel {
  readonly model: CausalModel;
  readonly tokenizer: TrainingTokenizer;
  readonly config: RawConfig;
}

/**
 * The model and the tokenizer of a folder, to be trained or measured: its weights are kept as they are in the files.
 * @throws FileError for files that are missing or damaged
 */
export async function openModel(folder: string): Promise<OpenedModel> {
  const from = await checkSource(folder, 'folder', 'lm.openModel');
  const config = await readConfig(from);
  const tokenizer = await loadTokenizer(from);
  return { model: buildModel(config, await readWeights(from), join(from, 'config.json')), tokenizer, config };
}
