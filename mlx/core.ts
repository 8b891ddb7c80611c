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
} from '../foundation/values/dtypes.ts';
export * from '../io/index.ts';
export { cpu, Device, gpu, Stream } from '../runtime/streams.ts';
export { array } from './arrays/array.ts';
export { asarray } from './arrays/asarray.ts';
export { broadcastShapes } from './arrays/broadcast.ts';
export * from './arrays/dtypes.ts';
export * from './arrays/printing.ts';
export { Complex, Slice } from './arrays/values.ts';
export * from './devices/devices.ts';
export * as distributed from './devices/distributed.ts';
export * from './devices/memory.ts';
export { asyncEval, evaluate as eval, tidy, withDeadline, withImplementation } from './evaluation/evaluation.ts';
export { type PipelineOptions, pipeline } from './evaluation/pipeline.ts';
export { Session, session, withSession } from './evaluation/session.ts';
export * as fast from './generated/fast.ts';
export * as fft from './generated/fft.ts';
export * as linalg from './generated/linalg.ts';
export { norm as matrixNorm } from './generated/linalg.ts';
export * from './generated/operations.ts';
export { atleast1d, atleast2d, atleast3d } from './operations/atleast.ts';
export { depends } from './operations/depends.ts';
export * as random from './operations/random.ts';
export { type ComposedOptions, nonzero, type UniqueOptions, unique } from './operations/unique.ts';
export * as python from './python/index.ts';
export * from './transforms/index.ts';
export type { array as Array } from './types.ts';

/** The constants of Python's module. */
export const e = Math.E;
export const pi = Math.PI;
export const inf = Number.POSITIVE_INFINITY;
export const nan = Number.NaN;
export const eulerGamma = 0.5772156649015329;
export const newaxis = null;
