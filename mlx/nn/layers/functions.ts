/** What Python has in `mlx.nn.layers` and not in `mlx.nn`. */
export { shardInplace, shardLinear, sumGradients } from './distributed.ts';
export { upsampleCubic, upsampleLinear, upsampleNearest } from './upsample.ts';
