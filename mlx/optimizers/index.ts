/** What Python's `mlx.optimizers` has: algorithms, schedules of their numbers, and clipping. */
export { Adafactor, type AdafactorOptions } from './adafactor.ts';
export * from './algorithms.ts';
export { clipGradNorm } from './clip.ts';
export type { LearningRate } from './learning-rate.ts';
export { MultiOptimizer, type OptimizerFilter } from './multi-optimizer.ts';
export { Muon } from './muon.ts';
export { Optimizer, type OptimizerState, type ParameterState, type UpdateOptions } from './optimizer.ts';
export * from './schedulers.ts';
