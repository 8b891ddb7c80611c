import type { Operation } from './operation.ts';
import { any } from './parameters.ts';

/** An architecture of language models: a row of kind `model`. */
export interface ModelRow {
  /** The `model_type` of its configs. */
  readonly name: string;
  /** Other values of `model_type` that are the same architecture. */
  readonly also?: readonly string[];
  /** The port: makes the model of a config. */
  readonly native?: (...args: unknown[]) => unknown;
  /** Why there is no port. */
  readonly nativeReason?: string;
  readonly doc?: string;
}

/** The function of the worker that loads any architecture of `mlx_lm`. */
const LOADER = 'mlx_router_worker.language_models:LanguageModel';

/** The row as the router decides about it: `lm.llama`, called with the config, which loads a model. */
export function modelOperation(row: ModelRow): Operation {
  const { name, also, native, nativeReason = 'not ported', doc = '' } = row;
  return {
    name: `lm.${name}`,
    namespace: '',
    family: 'model',
    parameters: [any('config')],
    result: 'any',
    doc,
    python: LOADER,
    native: null,
    ...(native === undefined && { nativeReason }),
    ...(also !== undefined && { aliases: also }),
    method: false,
    sample: { generator: 'none', dtypes: 'float', values: 'any' },
  };
}
