/** What Python has in `mlx.nn.layers` and not in `mlx.nn`. */
export { shardInplace, shardLinear } from './distributed.ts';
export { sumGradients } from './sharding.ts';
export { upsampleCubic, upsampleLinear, upsampleNearest } from './upsample.ts';
