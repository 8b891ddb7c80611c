import * as dtypes from './dtypes.ts';

const DTYPES: Readonly<Record<string, dtypes.Dtype>> = {
  Uint8Array: dtypes.uint8,
  Uint8ClampedArray: dtypes.uint8,
  Int8Array: dtypes.int8,
  Uint16Array: dtypes.uint16,
  Int16Array: dtypes.int16,
  Uint32Array: dtypes.uint32,
  Int32Array: dtypes.int32,
  BigUint64Array: dtypes.uint64,
  BigInt64Array: dtypes.int64,
  Float16Array: dtypes.float16,
  Float32Array: dtypes.float32,
  Float64Array: dtypes.float64,
};

/** What a view is by nature, whatever its class is called: `Uint8Array` of a Buffer, undefined of a DataView. */
const nameOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  ?.get as (this: ArrayBufferView) => string | undefined;

/** The dtype of a typed array's elements; undefined of a DataView. */
export function dtypeOfView(view: ArrayBufferView): dtypes.Dtype | undefined {
  return DTYPES[nameOf.call(view) ?? ''];
}
