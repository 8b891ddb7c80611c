import * as dtypes from '../foundation/values/dtypes.ts';

export const MAGIC = 0x46554747;
export const VERSION = 3;
export const ALIGNMENT = 32;
export const ALIGNMENT_KEY = 'general.alignment';
export const STRING = 8;
export const ARRAY = 9;
export const FLOAT64 = 12;

/** Metadata's numbers and their codes. MLX narrows float64 to float32 when it reads, and writes none. */
export const VALUE_TYPES: ReadonlyMap<number, dtypes.Dtype> = new Map([
  [0, dtypes.uint8],
  [1, dtypes.int8],
  [2, dtypes.uint16],
  [3, dtypes.int16],
  [4, dtypes.uint32],
  [5, dtypes.int32],
  [6, dtypes.float32],
  [7, dtypes.bool],
  [10, dtypes.uint64],
  [11, dtypes.int64],
  [FLOAT64, dtypes.float64],
]);

/** Arrays' codes that are MLX dtypes as they are. */
export const TENSOR_TYPES: ReadonlyMap<number, dtypes.Dtype> = new Map([
  [0, dtypes.float32],
  [1, dtypes.float16],
  [24, dtypes.int8],
  [25, dtypes.int16],
  [26, dtypes.int32],
]);
