/** Neural networks: what Python's `mlx.nn` has, with the same parameters under the same names. */
export * from './activations.ts';
export * as init from './init.ts';
export * from './layers/activations.ts';
export * from './layers/containers.ts';
export { Conv1d, Conv2d, Conv3d, type ConvOptions, type Extents } from './layers/convolution.ts';
export * from './layers/convolution-transpose.ts';
export {
  AllToShardedLinear,
  QuantizedAllToShardedLinear,
  QuantizedShardedToAllLinear,
  ShardedToAllLinear,
} from './layers/distributed.ts';
export * from './layers/dropout.ts';
export * from './layers/embedding.ts';
export { FullyShardedModule, type FullyShardedOptions, fullyShard } from './layers/fully-sharded.ts';
export * as layers from './layers/functions.ts';
export { Bilinear, Identity, Linear } from './layers/linear.ts';
export * from './layers/normalization.ts';
export * from './layers/pooling.ts';
export * from './layers/positional-encoding.ts';
export {
  QQLinear,
  type QuantizationMode,
  type QuantizationOptions,
  QuantizedEmbedding,
  QuantizedLinear,
  type QuantizeOptions,
} from './layers/quantized.ts';
export * from './layers/recurrent.ts';
export type { Segments, Sharding, ShardingOptions, ShardingPredicate } from './layers/sharding.ts';
export * from './layers/transformer.ts';
export { type InterpolationOptions, Upsample } from './layers/upsample.ts';
export * as losses from './losses/index.ts';
export { type FreezeOptions, Module, type ParameterTree, type StrictOptions } from './module.ts';
export type { ModuleFilter } from './module-tree.ts';
export { type QuantizeModelOptions, type QuantizePredicate, quantize } from './quantize.ts';
export type { AnyForward, ModuleClass, UserModule } from './register-module.ts';
export * as utils from './utils.ts';
export { averageGradients } from './utils.ts';
export { valueAndGrad } from './value-and-grad.ts';
export type { Weights } from './weights.ts';
