import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import type { TokenizerSource } from '../tokenizer/definition.ts';
import { ggufTokenizerSource } from '../tokenizer/gguf.ts';
import { GgufMetadata, type GgufValues } from '../tokenizer/gguf-metadata.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { VocabularyTokenizer } from '../tokenizer/vocabulary-tokenizer.ts';
import { ARCHITECTURES, type GgufArchitecture } from './gguf-architectures.ts';
import { ggufConfig } from './gguf-config.ts';
import { ggufWeights } from './gguf-weights.ts';

export interface GgufModel {
  /** What a config.json would hold. */
  readonly config: Record<string, unknown>;
  /** The weights by their names in Hugging Face's models; quantized ones as `….weight`, `….scales` and `….biases`. */
  readonly weights: Record<string, mx.Array>;
  readonly tokenizer: Tokenizer;
  /** What a tokenizer.json and a tokenizer_config.json would hold. */
  readonly tokenizerSource: TokenizerSource;
}

/** Whether a path is one of a gguf file, by its name. */
export async function isGgufFile(path: string): Promise<boolean> {
  if (!path.endsWith('.gguf')) return false;
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/**
 * A language model in a gguf file, as llama.cpp writes them: its config, its weights, which are read when they are
 * needed, and its tokenizer. Weights of the types Q4_0, Q4_1 and Q8_0 stay quantized, in groups of 32; all other
 * quantized types become float16.
 * @throws FileError where the file is damaged, or holds a model, a tokenizer or weights of a kind that is not known
 */
export async function readGguf(path: string): Promise<GgufModel> {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new ArgumentError(`expected the path of a gguf file, received ${describeValue(path)}`, {
      operation: 'readGguf',
    });
  }
  const [arrays, values] = (await mx.loadAsync(path, { format: 'gguf', returnMetadata: true })) as unknown as [
    Record<string, mx.Array>,
    GgufValues,
  ];
  const metadata = new GgufMetadata(values, resolve(path));
  const architecture = architectureOf(metadata);
  const tokenizerSource = ggufTokenizerSource(metadata);
  const tokenizer = new VocabularyTokenizer(tokenizerSource);
  const config = ggufConfig(metadata, architecture, arrays);
  const weights = ggufWeights(metadata, architecture, arrays, config);
  return {
    config: { ...config, bos_token_id: tokenizer.bosTokenId ?? null, eos_token_id: [...tokenizer.eosTokenIds] },
    weights,
    tokenizer,
    tokenizerSource,
  };
}

function architectureOf(metadata: GgufMetadata): GgufArchitecture {
  const name = metadata.required('general.architecture', metadata.text('general.architecture'));
  const known = Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
  return (
    known ??
    metadata.fail(
      `its architecture is ${JSON.stringify(name)}; known are ${Object.keys(ARCHITECTURES).join(', ')}. Take the model in safetensors`,
    )
  );
}
