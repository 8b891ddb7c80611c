import { UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { internals } from '../../mlx/index.ts';
import type { Operation } from '../../registry/operation.ts';
import type { ConfigFields } from '../config/fields.ts';
import { withRotation } from '../config/rotation.ts';
import { Bert } from './bert.ts';
import { Gemma2 } from './gemma2.ts';
import { Gemma3, Gemma3Text } from './gemma3.ts';
import { GPT2 } from './gpt2.ts';
import { Llama } from './llama.ts';
import { Mixtral } from './mixtral.ts';
import type { CausalModel, Encoder } from './model.ts';
import { Phi3 } from './phi3.ts';
import { pythonOnly } from './python-only.ts';
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
  /** Its class. */
  readonly native: new (
    config: ConfigFields,
  ) => CausalModel;
}

/** Porting an architecture is its file and its row here. */
export const architectures: readonly Architecture[] = [
  { name: 'llama', also: ['mistral', 'iquestcoder', 'xverse'], native: Llama },
  { name: 'smollm3', native: SmolLM3 },
  { name: 'qwen2', native: Qwen2 },
  { name: 'qwen3', native: Qwen3 },
  { name: 'qwen3_moe', native: Qwen3Moe },
  { name: 'gemma2', native: Gemma2 },
  { name: 'gemma3_text', native: Gemma3Text },
  { name: 'gemma3', native: Gemma3 },
  { name: 'phi3', native: Phi3 },
  { name: 'mixtral', native: Mixtral },
  { name: 'gpt2', native: GPT2 },
];

const { registry } = internals.router;

/** A row of kind `model`, from which a model is made natively. */
export function addArchitecture({ native: Native, ...row }: Architecture & { readonly doc?: string }): void {
  registry.addModel({ ...row, native: (config) => new Native(config as ConfigFields) });
}

for (const row of pythonOnly) registry.addModel(row);
for (const row of architectures) addArchitecture(row);

/** The row for a `model_type`; of an unknown one, a row that says so. */
export function findArchitecture(modelType: string): Operation {
  const nativeReason = 'not ported: no architecture of that name is known here';
  return registry.findModel(modelType) ?? registry.addModel({ name: modelType, nativeReason });
}

/** @throws UnsupportedOperationError for an architecture that only Python has */
export function createModel(config: ConfigFields): CausalModel {
  const modelType = config.text('model_type');
  const row = findArchitecture(modelType);
  const make = registry.portOf(row);
  if (make !== undefined) return make(withRotation(config)) as CausalModel;
  throw new UnsupportedOperationError(
    `the architecture "${modelType}" is not native (${row.nativeReason}), and this needs one that is`,
    { operation: row.name },
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
