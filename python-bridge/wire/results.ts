import { type Dtype, dtypeOfCode } from '../../registry/dtypes.ts';
import { ProtocolError } from '../../registry/errors.ts';
import type { Handle, Result } from '../../registry/values.ts';

/** Makes the handle of a tensor that the worker keeps under its own number `id`. */
export type Adopt = (id: number, dtype: Dtype, shape: readonly number[]) => Handle;

/** A tree of results; what is no tensor, list or plain value is a map of one key, `t` or `m`. */
export function decodeResult(value: unknown, adopt: Adopt): Result {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return value as Result;
  if (Array.isArray(value)) return value.map((item) => decodeResult(item, adopt));
  if ('t' in value) {
    const [id, code, shape] = value.t as [number, number, number[]];
    return adopt(id, dtypeOfCode(code), shape);
  }
  if ('m' in value) {
    const entries = Object.entries(value.m as object);
    return Object.fromEntries(entries.map(([key, item]) => [key, decodeResult(item, adopt)]));
  }
  throw new ProtocolError('a result is neither a tensor nor plain data');
}
