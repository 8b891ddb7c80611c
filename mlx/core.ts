export {
  bfloat16,
  bool,
  bool as bool_,
  complex64,
  Dtype,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
} from '../registry/dtypes.ts';
export { array } from './array.ts';
export { asarray } from './asarray.ts';
export { atleast1d, atleast2d, atleast3d } from './atleast.ts';
export { broadcastShapes } from './broadcast.ts';
export { depends } from './depends.ts';
export * from './devices.ts';
export * as distributed from './distributed.ts';
export * from './dtypes.ts';
export { asyncEval, evaluate as eval, tidy, withDeadline, withImplementation } from './evaluation.ts';
export * as fast from './generated/fast.ts';
export * as fft from './generated/fft.ts';
export * as linalg from './generated/linalg.ts';
export { norm as matrixNorm } from './generated/linalg.ts';
export * from './generated/operations.ts';
export * from './io/index.ts';
export * from './memory.ts';
export { type PipelineOptions, pipeline } from './pipeline.ts';
export * from './printing.ts';
export * as python from './python/index.ts';
export * as random from './random.ts';
export { Session, session, withSession } from './session.ts';
export { cpu, Device, gpu, Stream } from './streams.ts';
export * from './transforms/index.ts';
export type { array as Array } from './types.ts';
export { type ComposedOptions, nonzero, type UniqueOptions, unique } from './unique.ts';
export { Complex, Slice } from './values.ts';

/** The constants of Python's module. */
export const e = Math.E;
export const pi = Math.PI;
export const inf = Number.POSITIVE_INFINITY;
export const nan = Number.NaN;
export const eulerGamma = 0.5772156649015329;
export const newaxis = null;
