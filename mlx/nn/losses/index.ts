// Each takes what Python's takes, in its order, or from any place on in an object at the end.
export * from './distances.ts';
export * from './likelihoods.ts';
export type { AxisLossOptions, LossOptions, Reduction } from './reduction.ts';
