import { UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import type { ConfigFields } from '../config/fields.ts';
import { Bert } from './bert.ts';
import { Gemma2 } from './gemma2.ts';
import { Gemma3, Gemma3Text } from './gemma3.ts';
import { GPT2 } from './gpt2.ts';
import { Llama } from './llama.ts';
import { Mixtral } from './mixtral.ts';
import type { CausalModel, Encoder } from './model.ts';
import { Phi3 } from './phi3.ts';
import { Qwen2 } from './qwen2.ts';
import { Qwen3 } from './qwen3.ts';
import { Qwen3Moe } from './qwen3-moe.ts';
import { SmolLM3 } from './smollm3.ts';

/** One architecture that is written in TypeScript. */
export interface Architecture {
  /** The `model_type` of its configs, which is its module in `mlx_lm.models`. */
  readonly name: string;
  /** Other values of `model_type` that are the same architecture. */
  readonly also?: readonly string[];
  readonly create: (config: ConfigFields) => CausalModel;
}

/** Porting an architecture is its file and its row here. */
export const architectures: readonly Architecture[] = [
  { name: 'llama', also: ['mistral', 'iquestcoder', 'xverse'], create: (config) => new Llama(config) },
  { name: 'smollm3', create: (config) => new SmolLM3(config) },
  { name: 'qwen2', create: (config) => new Qwen2(config) },
  { name: 'qwen3', create: (config) => new Qwen3(config) },
  { name: 'qwen3_moe', create: (config) => new Qwen3Moe(config) },
  { name: 'gemma2', create: (config) => new Gemma2(config) },
  { name: 'gemma3_text', create: (config) => new Gemma3Text(config) },
  { name: 'gemma3', create: (config) => new Gemma3(config) },
  { name: 'phi3', create: (config) => new Phi3(config) },
  { name: 'mixtral', create: (config) => new Mixtral(config) },
  { name: 'gpt2', create: (config) => new GPT2(config) },
];

/** The row for a `model_type`. */
export function findArchitecture(modelType: string): Architecture | undefined {
  return architectures.find(({ name, also }) => name === modelType || also?.includes(modelType));
}

/** @throws UnsupportedOperationError for an architecture that only Python has. */
export function createModel(config: ConfigFields): CausalModel {
  const modelType = config.text('model_type');
  const architecture = findArchitecture(modelType);
  if (architecture !== undefined) return architecture.create(config);
  const names = architectures.map(({ name }) => name).join(', ');
  throw new UnsupportedOperationError(
    `no architecture named "${modelType}" is native (${names}); implementation: "python" runs all of mlx_lm`,
    { operation: 'lm.load' },
  );
}

/** Encoders that are written in TypeScript, by the `model_type` of their configs. */
const encoders: Readonly<Record<string, (config: ConfigFields) => Encoder>> = {
  bert: (config) => new Bert(config),
};

export const encoderNames: readonly string[] = Object.keys(encoders);

/** @throws UnsupportedOperationError for one that there is not. */
export function createEncoder(config: ConfigFields): Encoder {
  const modelType = config.text('model_type');
  if (Object.hasOwn(encoders, modelType)) return encoders[modelType]!(config);
  throw new UnsupportedOperationError(
    `no encoder named "${modelType}" is native; there are: ${encoderNames.join(', ')}`,
    { operation: 'lm.loadEmbeddings' },
  );
}
