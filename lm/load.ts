import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArgumentError, FileError, UnsupportedOperationError } from '../foundation/errors/errors.ts';
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
import { readGguf } from './loading/gguf.ts';
import { type ResolveModelOptions, resolveModel } from './loading/hub.ts';
import { applyPolicy, WEIGHTS_POLICIES, type WeightsPolicy } from './loading/precision.ts';
import { readWeights } from './loading/weights.ts';
import { disposeModel } from './models/dispose.ts';
import type { CausalModel, NamedWeights } from './models/model.ts';
import { findArchitecture } from './models/registry.ts';
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
const HUB = ['revision', 'token', 'onProgress', 'signal', 'localOnly'] as const;
const NAMES = ['implementation', 'adapter', 'weights', 'lazy', ...HUB] as const;

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Where a model runs, and why. */
function choose(modelType: unknown, forced: 'native' | 'python' | undefined): ['native' | 'python', string] {
  const ported = typeof modelType === 'string' && findArchitecture(modelType) !== undefined;
  if (forced === 'native' && !ported) {
    throw new UnsupportedOperationError(
      `the architecture "${String(modelType)}" is not native; leave "implementation" out, or force "python"`,
      { operation: OPERATION },
    );
  }
  if (forced !== undefined) return [forced, 'forced'];
  return ported ? ['native', 'ported'] : ['python', 'unported'];
}

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
    implementation,
    adapter,
    weights = 'auto',
    lazy = false,
    ...hub
  } = checkedOptions<LoadOptions>(options, NAMES, OPERATION);
  checkWord('implementation', implementation, ['native', 'python', undefined]);
  checkWord('weights', weights, WEIGHTS_POLICIES);
  const isGguf = source.endsWith('.gguf') && (await isFile(source));
  const path = isGguf ? source : await resolveModel(source, hub);
  const found = isGguf ? await ofGguf(path) : await readFolder(path);
  const { config, tokenizer } = found;
  const [where, reason] = choose(config.model_type, implementation);
  const architecture = String(config.model_type);
  const changes = reason !== 'unported' && weights !== 'stored' && config['quantization'] !== undefined;
  if (reason === 'unported' && weights !== 'auto' && weights !== 'stored') {
    const message = `"weights" can be '${weights}' of native architectures only, and ${architecture} is none`;
    throw new UnsupportedOperationError(message, { operation: OPERATION });
  }
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
  return new LanguageModel({ engine, tokenizer, config: stored, path, reason, weights: kept });
}

function checkWord(name: string, value: unknown, words: readonly (string | undefined)[]): void {
  if (words.includes(value as string)) return;
  const known = words.filter((word) => word !== undefined).map((word) => `"${word}"`);
  throw new ArgumentError(`expected one of ${known.join(', ')} for "${name}", received ${describeValue(value)}`, {
    operation: OPERATION,
  });
}

interface Found {
  readonly config: RawConfig;
  readonly tokenizer: Tokenizer;
  readonly weights: () => NamedWeights | Promise<NamedWeights>;
}

async function ofGguf(path: string): Promise<Found> {
  const { config, tokenizer, weights } = await readGguf(path);
  return { config, tokenizer, weights: () => weights };
}

async function readFolder(folder: string): Promise<Found> {
  const config = await readConfig(folder);
  if (typeof config.model_type !== 'string') {
    throw new FileError(`${folder}: expected a string for "model_type" in config.json`);
  }
  return { config, tokenizer: await loadTokenizer(folder), weights: () => readWeights(folder) };
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
