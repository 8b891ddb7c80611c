/** Training of language models, and of adapters for them. */
export {
  type AdapterConfig,
  type FineTuneType,
  loadAdapterFile,
  loadAdapters,
  prepareFineTuning,
  readAdapterConfig,
  saveAdapterConfig,
} from './adapters.ts';
export type { Example } from './batches.ts';
export {
  type DatasetOptions,
  type Datasets,
  loadDatasets,
  readExamples,
  type TrainingTokenizer,
} from './datasets.ts';
export { DoRAEmbedding, DoRALinear } from './dora.ts';
export { TrainingError } from './errors.ts';
export type { TrainResult } from './loop.ts';
export { type FuseLayerOptions, LoRAEmbedding, LoRALinear, type LoraSettings } from './lora.ts';
export { type LoraOptions, type LoraParameters, linearToLoraLayers } from './lora-layers.ts';
export { LoRASwitchLinear } from './lora-switch.ts';
export { defaultLoss, type EvaluateOptions, evaluate, type Loss } from './loss.ts';
export { type OpenedModel, openModel } from './open.ts';
export { type LearningRateOptions, makeOptimizer, type OptimizerName, optimizerNames } from './optimizer.ts';
export type { TrainingData, TrainOptions, TrainReport, ValidationReport } from './options.ts';
export { type Perplexity, perplexity } from './perplexity.ts';
export { train } from './train.ts';
