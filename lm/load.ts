import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArgumentError, FileError, UnsupportedOperationError } from '../foundation/errors/errors.ts';
import { anything, choice, flag, type Kind, or, signature, text } from '../mlx/arguments/signature.ts';
import { core as mx } from '../mlx/index.ts';
import { describeValue } from '../registry/arguments/describe.ts';
import { checkedOptions } from '../registry/arguments/options.ts';
import type { RawConfig } from './config/fields.ts';
import { readConfig } from './config/read-config.ts';
import { saveModel, withoutQuantization } from './convert/convert.ts';
import { NativeEngine } from './engines/native-engine.ts';
import { PythonEngine } from './engines/python-engine.ts';
import { LanguageModel } from './language-model.ts';
import { buildModel } from './loading/build.ts';
import { isGgufFile, readGguf } from './loading/gguf.ts';
import { type ResolveModelOptions, resolveModel } from './loading/hub.ts';
import { applyPolicy, WEIGHTS_POLICIES, type WeightsPolicy } from './loading/precision.ts';
import { readWeights } from './loading/weights.ts';
import { disposeModel } from './models/dispose.ts';
import type { CausalModel, NamedWeights } from './models/model.ts';
import { whereToRun } from './models/where.ts';
import type { TokenizerSource } from './tokenizer/definition.ts';
import { loadTokenizer } from './tokenizer/load.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';
import { loadAdapters } from './training/adapters.ts';

export interface LoadOptions extends ResolveModelOptions {
  /** Where the model runs; by default natively if its architecture is, else in Python. */
  readonly implementation?: 'native' | 'python' | undefined;
  /** The folder of adapters to put on the model, of `train` here or of mlx_lm. */
  readonly adapter?: string | undefined;
  /** How quantized weights are kept. Default: as is fast on the default device. */
  readonly weights?: WeightsPolicy | undefined;
  /** Whether weights stay in their files until they are needed. Default: false. */
  readonly lazy?: boolean | undefined;
}

const OPERATION = 'lm.load';
/** Those of the Hub are checked by what downloads. */
const hubOption = <Name extends keyof ResolveModelOptions>() =>
  or(anything as Kind<ResolveModelOptions[Name]>, undefined);
const KINDS = {
  implementation: or(choice('native', 'python'), undefined),
  adapter: or(text, undefined),
  weights: or(choice(...WEIGHTS_POLICIES), 'auto'),
  lazy: or(flag, false),
  revision: hubOption<'revision'>(),
  token: hubOption<'token'>(),
  onProgress: hubOption<'onProgress'>(),
  signal: hubOption<'signal'>(),
  localOnly: hubOption<'localOnly'>(),
} as const;
const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];
const readOptions = signature(OPERATION, KINDS);

/**
 * Loads a language model with its tokenizer.
 * @param source a folder in Hugging Face's layout, a .gguf file, or the name of a repository of the Hub, `owner/name`
 * @throws FileError for files that are missing, damaged or disagree
 */
export async function load(source: string, options: LoadOptions = {}): Promise<LanguageModel> {
  if (typeof source !== 'string' || source === '') {
    throw new ArgumentError(`expected a folder, a .gguf file or a repository, received ${describeValue(source)}`, {
      operation: OPERATION,
    });
  }
  const {
    implementation: forced,
    adapter,
    weights,
    lazy,
    ...hub
  } = readOptions([{ ...checkedOptions<LoadOptions>(options, NAMES, OPERATION) }]);
  const isGguf = await isGgufFile(source);
  const path = isGguf ? source : await resolveModel(source, hub);
  const found = isGguf ? await ofGguf(path) : await ofFolder(path);
  const { config } = found;
  const architecture = config.model_type as string;
  // Before anything large is read.
  const { implementation: where, reason, isPorted } = whereToRun(architecture, forced);
  const changes = isPorted && weights !== 'stored' && config['quantization'] !== undefined;
  if (!isPorted && weights !== 'auto' && weights !== 'stored') {
    const message = `"weights" can be '${weights}' of native architectures only, and ${architecture} is none`;
    throw new UnsupportedOperationError(message, { operation: OPERATION });
  }
  const tokenizer = await found.tokenizer();
  if (where === 'python' && !isGguf && !changes) {
    const engine = await PythonEngine.load(path, adapter);
    return new LanguageModel({ engine, tokenizer, config, path, reason, weights: 'stored' });
  }
  const network = buildModel(config, await found.weights(), path);
  const kept = applyPolicy(network, weights);
  const stored = kept === 'dequantized' ? withoutQuantization(config) : config;
  if (where === 'python') {
    const engine = await throughFolder(network, stored, adapter);
    return new LanguageModel({ engine, tokenizer, config: stored, path, reason, weights: kept });
  }
  if (adapter !== undefined) await loadAdapters(network, adapter);
  if (!lazy) await mx.asyncEval(network.parameters());
  const engine = new NativeEngine(network, architecture);
  const { tokenizerSource } = found;
  return new LanguageModel({ engine, tokenizer, tokenizerSource, config: stored, path, reason, weights: kept });
}

interface Found {
  readonly config: RawConfig;
  readonly tokenizer: () => Tokenizer | Promise<Tokenizer>;
  readonly tokenizerSource?: TokenizerSource;
  readonly weights: () => NamedWeights | Promise<NamedWeights>;
}

async function ofGguf(path: string): Promise<Found> {
  const { config, tokenizer, tokenizerSource, weights } = await readGguf(path);
  return { config, tokenizer: () => tokenizer, tokenizerSource, weights: () => weights };
}

async function ofFolder(folder: string): Promise<Found> {
  const config = await readConfig(folder);
  if (typeof config.model_type !== 'string') {
    throw new FileError(`${folder}: expected a string for "model_type" in config.json`);
  }
  return { config, tokenizer: () => loadTokenizer(folder), weights: () => readWeights(folder) };
}

/** mlx_lm reads folders: of what was read or changed here, one that is there while it reads. */
async function throughFolder(network: CausalModel, config: RawConfig, adapter?: string): Promise<PythonEngine> {
  const parent = await mkdtemp(join(tmpdir(), 'mlx-router-lm-'));
  const folder = join(parent, 'model');
  try {
    await saveModel(folder, network, config);
    disposeModel(network);
    return await PythonEngine.load(folder, adapter);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
