import { ProtocolError } from '../../foundation/errors/errors.ts';
import { DTYPES, type Dtype } from '../../foundation/values/dtypes.ts';
import type { Handle, Result } from '../../foundation/values/values.ts';

/** Makes the handle of a tensor that the worker keeps under its own number `id`. */
export type Adopt = (id: number, dtype: Dtype, shape: readonly number[]) => Handle;

/** Deeper trees are a mistake of the worker, and would overflow the stack. */
const MOST_LEVELS = 512;

function wrong(what: string): never {
  throw new ProtocolError(`the worker's answer has ${what}`);
}

/** What a worker says of a tensor: `[dtype code, shape]`. */
export function decodeDescription(value: unknown): [Dtype, number[]] {
  if (!Array.isArray(value) || value.length !== 2) return wrong('no dtype and shape where a tensor is');
  const [code, shape] = value as unknown[];
  const dtype = typeof code === 'number' ? DTYPES[code] : undefined;
  if (dtype === undefined) return wrong(`no dtype of the code ${String(code)}`);
  if (!Array.isArray(shape)) return wrong('no shape');
  for (const length of shape as unknown[]) {
    if (!Number.isInteger(length) || (length as number) < 0) return wrong('no shape of whole numbers from 0 up');
  }
  return [dtype, shape as number[]];
}

/** Whether JavaScript goes through the tree in the order in which it was written: keys like numbers come first here. */
export function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  if (!('m' in value)) return true;
  return Object.entries(value.m as object).every(([key, item]) => !/^\d+$/.test(key) && isInOrder(item));
}

/** A tree of results; what is no tensor, list or plain value is a map of one key, `t` or `m`. */
export function decodeResult(value: unknown, adopt: Adopt, level = 0): Result {
  if (level > MOST_LEVELS) return wrong(`more than ${MOST_LEVELS} levels`);
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return value as Result;
  if (Array.isArray(value)) return value.map((item) => decodeResult(item, adopt, level + 1));
  if ('t' in value) {
    const [id, ...description] = Array.isArray(value.t) ? (value.t as unknown[]) : [];
    if (!Number.isInteger(id) || (id as number) >= 0) return wrong('a tensor without a number of its own');
    return adopt(id as number, ...decodeDescription(description));
  }
  if ('m' in value && typeof value.m === 'object' && value.m !== null) {
    const entries = Object.entries(value.m);
    return Object.fromEntries(entries.map(([key, item]) => [key, decodeResult(item, adopt, level + 1)]));
  }
  return wrong('a value that is neither a tensor nor plain data');
}
